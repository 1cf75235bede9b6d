using System.CommandLine;
using Fibril.Cli.Commands;
using Fibril.Cli.Commands.Admin;
using Fibril.Cli.Commands.Cluster;
using Fibril.Cli.Commands.Messages;
using Fibril.Cli.Commands.Operations;
using Fibril.Cli.Commands.Settings;
using Fibril.Cli.Commands.Top;
using Fibril.Cli.Commands.Users;
using Fibril.Cli.Parsing;

namespace Fibril.Cli;

internal sealed partial class FibrilctlCommand
{
    private IEnumerable<Command> AdministrationCommands() =>
    [
        new OverviewVerb(Global, _context),
        new TopVerb(Global, _context),
        new AttentionVerb(Global, _context),
        Group("explain", "Says why messages flow or do not, and what to do.", new("fibrilctl explain queue jobs", "Why does nothing come?"))
            .With(new ExplainQueueVerb(Global, _context), new ExplainConsumerVerb(Global, _context)),
        new HealthVerb(Global, _context),
        new ReadyVerb(Global, _context),
        new TopologyVerb(Global, _context),
        Group("drain", "Prepares a broker for a restart.", new("fibrilctl drain start --yes", "Tells the clients."))
            .With(new DrainStartVerb(Global, _context), new DrainStatusVerb(Global, _context), new DrainCancelVerb(Global, _context)),
        Group("quarantine", "Looks at damaged partitions and repairs them.", new("fibrilctl quarantine list", "Is anything damaged?"))
            .With(new QuarantineListVerb(Global, _context), new QuarantineRepairVerb(Global, _context)),
        Group("connections", "Looks at client connections and ends them.", new("fibrilctl connections list", "Who is there."))
            .With(new ConnectionsListVerb(Global, _context), new ConnectionsCloseVerb(Global, _context)),
        new SubscriptionsVerb(Global, _context),
        new CohortsVerb(Global, _context),
        new MetricsVerb(Global, _context),
        new AuditVerb(Global, _context),
        Group("settings", "Looks at runtime settings and changes them.", new("fibrilctl settings diff", "What is not as it is built in."))
            .With(
                new SettingsGetVerb(Global, _context), new SettingsSetVerb(Global, _context), new SettingsDiffVerb(Global, _context), new SettingsHistoryVerb(Global, _context),
                new SettingsResetVerb(Global, _context), new SettingsSchemaVerb(Global, _context), new SettingsEditVerb(Global, _context), new SettingsLocksVerb(Global, _context)),
        Group("user", "Manages the users that the broker knows.", new("fibrilctl user add app", "Asks for the password."))
            .With(
                new UserAddVerb("add", "Adds a user.", Global, _context), new UserAddVerb("passwd", "Gives a user another password.", Global, _context),
                new UserRemoveVerb(Global, _context), new UserListVerb(Global, _context), new UserRoleVerb(Global, _context),
                Group("permission", "Says what a user may do with which topics.", new("fibrilctl user permission add app 'orders.*' publish", "Only that."))
                    .With(
                        new PermissionListVerb(Global, _context), new PermissionAddVerb(Global, _context), new PermissionRemoveVerb(Global, _context),
                        new PermissionClearVerb(Global, _context))),
        AdminCommands(),
    ];

    /// <summary>The older commands, whose output scripts rely on.</summary>
    private CommandGroup AdminCommands() => Group(
        "admin", "Administration as it was first: commands that print the JSON of the admin API.", new("fibrilctl admin queues | jq .queue_count", "For scripts.")).With(
        Group("global-dlq", "Shows and sets where dead letters of queues with the policy global go.", new("fibrilctl admin global-dlq set dead.letters", "All to one queue."))
            .With(
                new AdminQueryVerb(
                    "get", "Shows the target and its version.", "/admin/api/global-dlq", AdminViews.GlobalTarget, new("fibrilctl admin global-dlq get", "Version 0 when it was never set."),
                    Global, _context),
                new GlobalDlqSetVerb(Global, _context), new GlobalDlqClearVerb(Global, _context)),
        Group("dlq", "Replays dead letters.", new("fibrilctl admin dlq replay jobs.failed --offset 3", "One of them.")).With(new AdminDlqReplayVerb(Global, _context)),
        new MessagesInspectVerb(isRaw: true, Global, _context),
        new AdminQueryVerb(
            "queues", "Shows every partition of every queue with all that is known of it.", "/admin/api/queues_debug", AdminViews.QueuePartitions,
            new("fibrilctl admin queues -o table", "For people; see also fibrilctl queue list."), Global, _context),
        new AdminTopologyVerb(Global, _context),
        Group("coordination", "Adds and removes voters of a cluster.", new("fibrilctl admin coordination add-voting-member 4 10.0.0.4:9877", "A fourth."))
            .With(new AddMemberVerb(Global, _context), new RemoveMemberVerb(Global, _context)),
        new RepartitionVerb(Global, _context),
        new ReloadTlsVerb(Global, _context));
}
