using System.CommandLine;
using System.Text.Json.Nodes;
using Fibril.Cli.Admin;
using Fibril.Cli.Output;
using Fibril.Cli.Parsing;
using Fibril.Cli.Views;

namespace Fibril.Cli.Commands.Diagnostics;

/// <summary>Looks for what is wrong, and says what to do.</summary>
internal sealed class DoctorVerb : AdminVerb
{
    private static readonly View Findings = new(new FindingList());

    private readonly Option<string?> _dataDirectory = Inputs.Text("--data-dir", "path", "On the broker's machine: looks also at the disk that this directory is on, and writes to it to see how fast it syncs.");
    private readonly Option<string?> _checkConfig = Inputs.Text("--check-config", "path", "Looks also whether this server configuration can be read, and where it says that the broker listens.");

    public DoctorVerb(GlobalOptions global, CliContext context)
        : base("doctor", "Looks for what is wrong between here and a broker, and says what to do about it.", global, context, OutputFormat.Table)
    {
        AddOptions(_dataDirectory, _checkConfig);
        Notes =
        [
            "Looks at: whether broker and admin API can be reached and let you in, clocks, versions, readiness, what the broker itself reports; with --data-dir free space, "
            + "speed of syncs, and the limit of open files. Exit code 0 when nothing is bad, else 1; warnings alone are no failure.",
        ];
        Examples =
        [
            new("fibrilctl doctor", "Can I use the broker from here?"),
            new("fibrilctl doctor --data-dir /var/lib/fibril --check-config /etc/fibril/fibril.toml", "On the broker's machine."),
        ];
    }

    protected override async Task<int> RunAsync(ParseResult parse, Talk talk, CancellationToken cancellationToken)
    {
        (BrokerTarget broker, AdminTarget admin) = Global.FindBoth(parse, Context);
        var network = new NetworkChecks(Context.Time);
        var findings = new List<Finding>();
        if (parse.GetValue(_checkConfig) is { } path) findings.Add(CheckConfiguration(path));
        findings.Add(await NetworkChecks.CheckBrokerAsync(broker, cancellationToken));
        findings.AddRange(await network.CheckAdminAsync(admin, cancellationToken));
        if (parse.GetValue(_dataDirectory) is { } directory) findings.AddRange(MachineChecks.Check(directory));
        bool isFine = findings.All(static finding => finding.Verdict != Verdict.Bad);
        Print(parse, Document(findings, isFine), Findings);
        return isFine ? ExitCode.Success : ExitCode.Failure;
    }

    private Finding CheckConfiguration(string path)
    {
        string check = $"configuration {path}";
        try
        {
            string? bind = Connecting.ServerConfigFile.ReadBind(path, "broker.listener.bind", "--broker", Context.ReadText);
            return Finding.Good(check, bind is null ? "is TOML; the broker listens at its default address" : $"is TOML; the broker listens on {bind}");
        }
        catch (CliException failure)
        {
            return Finding.Of(check, failure);
        }
    }

    private static System.Text.Json.JsonElement Document(IReadOnlyList<Finding> findings, bool isFine)
    {
        var list = new JsonArray();
        foreach (Finding finding in findings)
        {
            list.Add((JsonNode)new JsonObject
            {
                ["check"] = finding.Check,
                ["verdict"] = NameOf(finding.Verdict),
                ["detail"] = finding.Detail,
                ["remedy"] = finding.Remedy,
            });
        }

        return AdminJson.Element(new JsonObject { ["ok"] = isFine, ["findings"] = list });
    }

    private static string NameOf(Verdict verdict) => verdict switch
    {
        Verdict.Good => "ok",
        Verdict.Warning => "warning",
        _ => "bad",
    };

    /// <summary>A line for each finding, and one below it with what to do.</summary>
    private sealed class FindingList : Section
    {
        public override void Write(System.Text.Json.JsonElement document, Rendering rendering)
        {
            foreach (System.Text.Json.JsonElement finding in document.At("findings").Items())
            {
                rendering.Output.WriteLine(Column.Printable($"{finding.At("verdict").Text(),-8}{finding.At("check").Text()}: {finding.At("detail").Text()}"));
                if (finding.At("remedy").Text() is { } remedy) rendering.Output.WriteLine(Column.Printable($"        try: {remedy}"));
            }
        }
    }
}
