using System.CommandLine;
using Fibril.Cli.Connecting;
using Fibril.Cli.Parsing;
using Tomlyn.Syntax;

namespace Fibril.Cli.Commands.Security;

/// <summary>Finds the broker's data directory: as given, else as the server of this machine is configured, else the server's default.</summary>
internal sealed class DataDirectoryOption
{
    private const string Variable = "FIBRIL_DATA_DIR";
    private const string Key = "server.data_dir";
    private const string Default = "server_data";

    private readonly Option<string?> _option = Inputs.Text("--data-dir", "path", $"Data directory of the broker; default {Variable}, else {Key} in the file of --config, else {Default}.");

    public void AddTo(Command command) => command.Add(_option);

    /// <exception cref="CliException">The configuration counts and cannot be read.</exception>
    public string Find(ParseResult parse, GlobalOptions global, CliContext context)
    {
        string? path = parse.GetValue(_option) ?? context.Variable(Variable) ?? context.Variable("FIBRIL__SERVER__DATA_DIR");
        if (path is null && (global.ConfigPath(parse) ?? context.Variable(ServerListener.ConfigVariable)) is { } config)
            path = (ServerConfigFile.Find(config, Key, "Correct it, or give --data-dir; then the file is not read.", context.ReadText) as StringValueSyntax)?.Value;

        return Path.GetFullPath(path ?? Default);
    }
}
