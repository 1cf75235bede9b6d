using System.CommandLine;
using Fibril.Cli.Commands;
using Fibril.Cli.Commands.DeadLetters;
using Fibril.Cli.Commands.Messages;
using Fibril.Cli.Commands.Queues;
using Fibril.Cli.Commands.Streams;
using Fibril.Cli.Parsing;

namespace Fibril.Cli;

internal sealed partial class FibrilctlCommand
{
    private IEnumerable<Command> MessagingCommands() =>
    [
        new PingVerb(Global, _context),
        new PublishVerb(Global, _context),
        new ConsumeVerb(Global, _context),
        new StreamReadVerb(isTail: true, Global, _context),
        Group(
            "queue", "Declares queues, looks at them, publishes to them, consumes them.",
            new("fibrilctl queue declare jobs --partitions 4", "Creates a queue."),
            new("fibrilctl queue publish jobs --message hello", "Publishes a message; as does 'fibrilctl publish jobs hello'."),
            new("fibrilctl queue consume jobs", "Takes a message; as does 'fibrilctl consume jobs'."),
            new("fibrilctl queue list", "What is in all queues.")).With(
            new QueueListVerb(Global, _context), new QueueGetVerb(Global, _context), new QueueDeclareVerb(Global, _context), new QueueDeleteVerb(Global, _context),
            new QueuePurgeVerb(Global, _context), new QueueStatsVerb(Global, _context),
            Group("dlq-policy", "Shows and sets where dead letters of a queue go.", new("fibrilctl queue dlq-policy set jobs custom --dlq-topic jobs.failed", "To a queue of its own."))
                .With(new DlqPolicyGetVerb(Global, _context), new DlqPolicySetVerb(Global, _context)),
            new PublishVerb(Global, _context), new ConsumeVerb(Global, _context), new QueuePeekVerb(Global, _context),
            new MessagesMoveVerb("queue", keeps: false, Global, _context), new MessagesMoveVerb("queue", keeps: true, Global, _context)),
        Group(
            "stream", "Declares streams, looks at them, publishes to them, reads them.",
            new("fibrilctl stream declare ticks --max-age 7d", "Creates a stream."), new Example("fibrilctl stream tail ticks", "Follows it.")).With(
            new StreamListVerb(Global, _context), new StreamGetVerb(Global, _context), new StreamInspectVerb(Global, _context), new StreamDeclareVerb(Global, _context), new StreamDeleteVerb(Global, _context),
            new PublishVerb(Global, _context), new StreamReadVerb(isTail: true, Global, _context), new StreamReadVerb(isTail: false, Global, _context),
            Group("retention", "Shows and changes what a stream keeps.", new("fibrilctl stream retention set ticks --max-age 7d --yes", "A week."))
                .With(new RetentionGetVerb(Global, _context), new RetentionSetVerb(Global, _context))),
        Group(
            "dlq", "Looks at dead letters, sends them back, removes them.",
            new("fibrilctl dlq list", "Where they are."), new("fibrilctl dlq groups jobs.failed", "What is going wrong."), new("fibrilctl dlq inspect jobs.failed", "Why they failed."),
            new("fibrilctl dlq replay jobs.failed --all --dry-run", "What a replay would do.")).With(
            new DlqListVerb(Global, _context), new DlqPoliciesVerb(Global, _context), new DlqGroupsVerb(Global, _context), new DlqInspectVerb(Global, _context),
            new DlqReplayVerb(Global, _context), new DlqJobsVerb(Global, _context),
            new DlqCancelVerb(Global, _context), new DlqUndoVerb(Global, _context), new DlqSettleVerb(Global, _context)),
        Group(
            "messages", "Looks at single messages in queues, moves and removes them.",
            new("fibrilctl messages inspect jobs --status inflight", "What consumers hold."), new Example("fibrilctl messages story jobs 17", "What happened to one.")).With(
            new MessagesInspectVerb(isRaw: false, Global, _context), new MessagesSearchVerb(Global, _context), new MessagesOffsetAtVerb(Global, _context), new MessagesGetVerb(Global, _context), new MessagesStoryVerb(Global, _context),
            new MessagesDeleteVerb(Global, _context), new MessagesMoveVerb("messages", keeps: false, Global, _context),
            new MessagesMoveVerb("messages", keeps: true, Global, _context), new MessagesExportVerb(Global, _context)),
    ];
}
