using Fibril.Cli;
using Fibril.Cli.Parsing;
using Fibril.Dashboard.Api.Models;
using Fibril.Dashboard.Components.Pages.Quarantine;
using Fibril.Dashboard.Components.Pages.Security;
using Fibril.Dashboard.Components.Pages.Settings;
using Fibril.Tests.Dashboard.Settings;
using Fibril.Tests.Support;

namespace Fibril.Tests.Dashboard.Operating;

/// <summary>The commands that operating pages offer are commands of fibrilctl.</summary>
public sealed class OperatingCommandTests
{
    private static readonly FibrilctlCommand Tool = new(new CommandLineRun(isTerminal: true).Context);

    public static TheoryData<string> Commands =>
    [
        SettingsCommands.Set([new SettingChange(SettingFields.Lease, 30_000, 45_000), new SettingChange(SettingFields.Cleanup, 1, 0), new SettingChange(SettingFields.Target, 1, null)], 3),
        SettingsCommands.Reset("seed"),
        SettingsCommands.Reset("4"),
        .. UserCommands.Of(null, "app", true, Role.Viewer, [new TopicRule("orders.a", [TopicOperation.Publish, TopicOperation.Consume])]),
        .. UserCommands.Of(new UserRow("app", 1, 1, Role.None, [new TopicRule("a", [TopicOperation.Manage])]), "", true, Role.Admin, []),
        RepairText.Command(new QuarantinedPartition("orders", 2, "eu", "", "queue", "", 0, 1, null, null, null)),
        "fibrilctl drain start --grace 30s --yes", "fibrilctl admin reload-tls", "fibrilctl quarantine list -o wide", "fibrilctl settings history", "fibrilctl settings get", "fibrilctl doctor",
        "fibrilctl ready", "fibrilctl topology", "fibrilctl user list", "fibrilctl user remove app",
    ];

    [Theory]
    [MemberData(nameof(Commands))]
    public void Every_command_of_the_operating_pages_parses(string command) => Assert.Empty(UsageErrors.Find(Tool.Parse(command.Split(' ')[1..]), Tool.Global));
}
