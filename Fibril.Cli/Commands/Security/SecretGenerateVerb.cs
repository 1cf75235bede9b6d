using System.CommandLine;
using System.Security.Cryptography;
using System.Text;
using Fibril.Broker.Log;
using Fibril.Broker.Log.Files;
using Fibril.Broker.Security;
using Fibril.Cli.Output;
using Fibril.Cli.Parsing;

namespace Fibril.Cli.Commands.Security;

/// <summary>Makes the secret that the brokers of a cluster share.</summary>
internal sealed class SecretGenerateVerb : Verb
{
    private const int SecretBytes = 32;

    private readonly DataDirectoryOption _dataDirectory = new();
    private readonly Option<bool> _show = Inputs.Flag("--show", "Prints the secret too.");

    public SecretGenerateVerb(GlobalOptions global, CliContext context) : base("generate", "Makes the secret that the brokers of a cluster share, unless there is one.", global, context)
    {
        _dataDirectory.AddTo(this);
        AddOptions(_show);
        Notes = ["A secret that is there is kept, and so is a cluster that uses it."];
        Examples = [new("fibrilctl secret generate --data-dir /var/lib/fibril", "On the first broker; then copy the file to the others.")];
    }

    protected override Task<int> RunAsync(ParseResult parse, Talk talk, CancellationToken cancellationToken)
    {
        string data = _dataDirectory.Find(parse, Global, Context), path = Path.Combine(data, ClusterSecret.FileName);
        var files = new PhysicalFileSystem();
        bool isKept = File.Exists(path);
        if (!isKept)
        {
            StorageDirectories.EnsureRoot(files, data);
            ClusterSecret.Save(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(SecretBytes)), files, data);
        }

        var text = new StringBuilder($"{(isKept ? "kept" : "wrote")} {path}\n");
        text.Append("Give it to the other brokers: copy the file into their data directories, readable for the broker only, or set FIBRIL_CLUSTER_SECRET there.\n");
        if (parse.GetValue(_show)) text.Append(Context.ReadText(path).TrimEnd()).Append('\n');
        Write(text.ToString());
        return Task.FromResult(ExitCode.Success);
    }
}
