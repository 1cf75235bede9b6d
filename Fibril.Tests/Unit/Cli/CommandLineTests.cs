using System.CommandLine;
using System.Text;
using Fibril.Cli;
using Fibril.Cli.Commands;
using Fibril.Cli.Consuming;
using Fibril.Cli.Parsing;
using Fibril.Cli.Publishing;
using Fibril.Client;
using Fibril.Protocol;
using Fibril.Tests.Support;

namespace Fibril.Tests.Unit.Cli;

public sealed class CommandLineTests
{
    [Fact]
    public void Publishing_has_defaults()
    {
        PublishRequest request = Publish("publish", "jobs", "hello");
        Assert.Equal(new PublishRequest { Topic = "jobs", Text = "hello", Headers = request.Headers }, request);
        Assert.Equal((true, 4096, 0L), (request.IsConfirmed, request.InFlight, request.Skip));
        Assert.Equal("text/plain; charset=utf-8", request.CreateProperties().ContentType);
        Assert.Null(request.CreateProperties().Headers);
    }

    [Theory]
    [InlineData("hello", "publish", "jobs", "hello")]
    [InlineData("hello", "queue", "publish", "jobs", "--message", "hello")]
    [InlineData("", "publish", "jobs", "")]
    [InlineData("@all [x] 'quoted' ", "publish", "jobs", "@all [x] 'quoted' ")]
    [InlineData("--lines", "publish", "jobs", "--", "--lines")]
    [InlineData("-x", "publish", "jobs", "--message=-x")]
    public void A_message_is_taken_as_it_is(string message, params string[] arguments) => Assert.Equal(message, Publish(arguments).Text);

    [Fact]
    public void Every_property_reaches_the_message()
    {
        PublishRequest request = Publish(
            "queue", "publish", "jobs", "x", "--group", " billing ", "--header", "a=1=2", "--header", "b=", "--content-type", "application/json",
            "--partition-key", "k", "--ttl", "1.5s", "--no-confirm");
        MessageProperties properties = request.CreateProperties();
        Assert.Equal("billing", request.Group);
        Assert.False(request.IsConfirmed);
        Assert.Equal([KeyValuePair.Create("a", "1=2"), KeyValuePair.Create("b", "")], properties.Headers!);
        Assert.Equal(("application/json", "k", TimeSpan.FromSeconds(1.5)), (properties.ContentType, properties.PartitionKey, properties.TimeToLive));
        Assert.Equal(TimeSpan.FromMinutes(5), Publish("publish", "jobs", "x", "--delay=5m").CreateProperties().Delay);
    }

    [Fact]
    public void Files_and_lines_have_no_content_type_unless_one_is_given()
    {
        Assert.Null(Publish("publish", "jobs", "--file", "a").CreateProperties().ContentType);
        Assert.Null(Publish("publish", "jobs", "--lines").CreateProperties().ContentType);
        Assert.Null(Publish("publish", "jobs", "x", "--header", "Content-Type=text/csv").CreateProperties().ContentType);
    }

    [Fact]
    public void Lines_come_from_standard_input_or_a_file()
    {
        Assert.True(Publish("publish", "jobs", "--lines") is { IsLines: true, ReadsStandardInput: true });
        Assert.True(Publish("publish", "jobs", "--file", "-") is { IsLines: false, ReadsStandardInput: true });
        PublishRequest request = Publish(
            "publish", "jobs", "--lines", "--file", "a.txt", "--in-flight", "1", "--skip", "5000000000", "--confirmed-log", "done.txt");
        Assert.Equal(
            ("a.txt", false, 1, 5_000_000_000, "done.txt"),
            (request.Path, request.ReadsStandardInput, request.InFlight, request.Skip, request.ConfirmedLogPath));
    }

    [Fact]
    public void Consuming_takes_one_message_unless_told_otherwise()
    {
        ConsumeRequest request = Consume("consume", "jobs");
        Assert.Equal(new ConsumeRequest { Topic = "jobs", Count = 1, Patience = TimeSpan.FromSeconds(5) }, request);
        Assert.Equal((1, false), (request.Prefetch, request.IsBulk));
    }

    [Theory]
    [InlineData(1, "--count", "99")]
    [InlineData(100, "--count", "100")]
    [InlineData(4096, "--count", "1000000")]
    [InlineData(4096, "--follow")]
    [InlineData(4096, "--exit-when-empty")]
    [InlineData(7, "--exit-when-empty", "--prefetch", "7")]
    [InlineData(10, "--no-ack", "--count", "10")]
    [InlineData(65536, "--no-ack", "--exit-when-empty")]
    public void Prefetch_is_one_unless_many_messages_are_wanted(int prefetch, params string[] options) =>
        Assert.Equal(prefetch, Consume(["consume", "jobs", .. options]).Prefetch);

    [Theory]
    [InlineData(true, 7, "--no-ack", "--exit-when-empty", "--prefetch", "7")]
    [InlineData(false, 6, "--no-ack", "--exit-when-empty", "--prefetch", "7")]
    [InlineData(true, 7, "--no-ack", "--exit-when-empty", "--prefetch", "7", "--count", "8")]
    [InlineData(false, 7, "--no-ack", "--exit-when-empty", "--count", "7")]
    [InlineData(false, 7, "--exit-when-empty", "--prefetch", "7")]
    public void A_queue_that_is_only_looked_at_may_hold_more_than_the_prefetch(bool mayHold, long looked, params string[] options) =>
        Assert.Equal(mayHold, Consume(["consume", "jobs", .. options]).MayHaveMissed(looked));

    [Fact]
    public void Patience_is_what_was_asked_for()
    {
        Assert.Equal(TimeSpan.FromMilliseconds(250), Consume("queue", "consume", "jobs", "--timeout-ms", "250").Patience);
        Assert.Equal(TimeSpan.FromSeconds(30), Consume("--timeout", "30s", "consume", "jobs").Patience);
        Assert.Null(Consume("consume", "jobs", "--follow").Patience);
        Assert.Equal(TimeSpan.FromSeconds(2), Consume("consume", "jobs", "--exit-when-empty").Patience);
        Assert.Equal(TimeSpan.FromSeconds(1), Consume("consume", "jobs", "--exit-when-empty", "--idle", "1s", "--timeout", "9s").Patience);
    }

    [Fact]
    public void Consuming_can_be_told_what_to_expect_and_how_to_write()
    {
        ConsumeRequest request = Consume(
            "consume", "jobs", "--group", "default", "--expect", "ä", "--show-headers", "--no-ack", "--count", "3", "--output", "lines");
        Assert.Equal(Encoding.UTF8.GetBytes("ä"), request.Expected);
        Assert.Equal(("", true, false, false), (request.Group, request.ShowsHeaders, request.Acknowledges, request.IsJson));
        Assert.True(Consume("consume", "jobs", "--output", "json", "--ack") is { IsJson: true, Acknowledges: true });
    }

    [Fact]
    public void A_declaration_says_only_what_was_given()
    {
        QueueDeclaration nothing = Declare("queue", "declare", "jobs");
        Assert.Equal(
            (null, null, null, null, null),
            (nothing.Group, nothing.PartitionCount, nothing.MaxRetries, nothing.DefaultTimeToLive, nothing.DeadLetterPolicy));
        QueueDeclaration all = Declare(
            "queue", "declare", "jobs", "--group", "g", "--partitions", "8", "--max-retries", "0", "--default-ttl", "30s", "--dlq", "custom",
            "--dlq-topic", "jobs.failed", "--dlq-group", "h");
        Assert.Equal(
            ("g", 8, 0, TimeSpan.FromSeconds(30), DeadLetterPolicy.Custom("jobs.failed", "h")),
            (all.Group, all.PartitionCount, all.MaxRetries, all.DefaultTimeToLive, all.DeadLetterPolicy));
        Assert.Equal(DeadLetterPolicy.Discard, Declare("queue", "declare", "jobs", "--dlq", "discard").DeadLetterPolicy);
        Assert.Equal(DeadLetterPolicy.Global, Declare("queue", "declare", "jobs", "--dlq=global").DeadLetterPolicy);
    }

    [Theory]
    [InlineData("'UP' is no topic name", "publish", "UP", "x")]
    [InlineData("'a b' is no group name", "publish", "jobs", "x", "--group", "a b")]
    [InlineData("Nothing to publish", "publish", "jobs")]
    [InlineData("given twice", "publish", "jobs", "x", "--message", "y")]
    [InlineData("not both", "publish", "jobs", "x", "--lines")]
    [InlineData("not both", "publish", "jobs", "x", "--file", "a")]
    [InlineData("--skip is for --lines only", "publish", "jobs", "x", "--skip", "1")]
    [InlineData("--in-flight is for --lines and --count only", "publish", "jobs", "x", "--in-flight", "1")]
    [InlineData("--confirmed-log is for --lines only", "publish", "jobs", "x", "--confirmed-log", "a")]
    [InlineData("leaves nothing to write", "publish", "jobs", "--lines", "--no-confirm", "--confirmed-log", "a")]
    [InlineData("a whole number from 1 to 1048576", "publish", "jobs", "--lines", "--in-flight", "0")]
    [InlineData("cannot have a --ttl", "publish", "jobs", "x", "--ttl", "1s", "--delay", "1s")]
    [InlineData("'3' is no duration", "publish", "jobs", "x", "--ttl", "3")]
    [InlineData("'a' is not key=value", "publish", "jobs", "x", "--header", "a")]
    [InlineData("'=b' is not key=value", "publish", "jobs", "x", "--header", "=b")]
    [InlineData("reserved", "publish", "jobs", "x", "--header", "fibril.retries=1")]
    [InlineData("cannot both come from standard input", "publish", "jobs", "--lines", "--password-stdin")]
    [InlineData("exclude each other", "ping", "--password", "a", "--password-stdin")]
    [InlineData("exclude each other", "consume", "jobs", "--follow", "--exit-when-empty")]
    [InlineData("exclude each other", "consume", "jobs", "--follow", "--count", "1")]
    [InlineData("exclude each other", "consume", "jobs", "--follow", "--no-ack")]
    [InlineData("exclude each other", "consume", "jobs", "--ack", "--no-ack")]
    [InlineData("exclude each other", "consume", "jobs", "--timeout-ms", "1", "--timeout", "1s")]
    [InlineData("2d is too long; write 24h or less", "consume", "jobs", "--timeout", "2d")]
    [InlineData("60d is too long; write 24h or less", "consume", "jobs", "--exit-when-empty", "--idle", "60d")]
    [InlineData("--idle is for", "consume", "jobs", "--idle", "1s")]
    [InlineData("JSON has the headers anyway", "consume", "jobs", "--output", "json", "--show-headers")]
    [InlineData("write lines or json", "consume", "jobs", "--output", "xml")]
    [InlineData("a whole number from 1", "consume", "jobs", "--count", "0")]
    [InlineData("needs --dlq-topic", "queue", "declare", "jobs", "--dlq", "custom")]
    [InlineData("--dlq-topic is for --dlq custom only", "queue", "declare", "jobs", "--dlq", "global", "--dlq-topic", "a")]
    [InlineData("--dlq-group is for --dlq custom only", "queue", "declare", "jobs", "--dlq-group", "a")]
    [InlineData("write discard or global or custom", "queue", "declare", "jobs", "--dlq", "nowhere")]
    [InlineData("is no broker address", "ping", "--broker", "a:b:c")]
    [InlineData("Required argument missing for option: '--broker'", "ping", "--broker")]
    [InlineData("Did you mean '--header'", "publish", "jobs", "x", "--heder", "a=b")]
    [InlineData("Did you mean 'publish'", "pubish", "jobs", "x")]
    [InlineData("Did you mean 'declare'", "queue", "declear", "jobs")]
    [InlineData("Required command was not provided", "queue")]
    [InlineData("Required command was not provided")]
    [InlineData("no command 'nosuch'", "help", "nosuch")]
    [InlineData("no command 'nosuch'", "queue", "help", "nosuch")]
    public async Task A_command_line_that_cannot_be_understood_is_explained(string what, params string[] arguments)
    {
        var run = new CommandLineRun();
        Assert.Equal(ExitCode.Usage, await run.RunAsync(arguments));
        Assert.Contains("Error: ", run.Error, StringComparison.Ordinal);
        Assert.Contains(what, run.Error, StringComparison.Ordinal);
        Assert.Contains("--help", run.Error, StringComparison.Ordinal);
        Assert.Empty(run.Output.ToArray());
    }

    [Theory]
    [InlineData("Commands:", "--help")]
    [InlineData("Commands:", "help")]
    [InlineData("Commands:", "-h")]
    [InlineData("fibrilctl queue declare jobs", "queue", "--help")]
    [InlineData("fibrilctl queue declare jobs", "queue", "help")]
    [InlineData("--dlq-topic", "queue", "help", "declare")]
    [InlineData("--dlq-topic", "help", "queue", "declare")]
    [InlineData("until fibrilctl ping", "ping", "--help")]
    [InlineData("zcat events.gz", "publish", "--help")]
    [InlineData("zcat events.gz", "publish", "jobs", "--no-such-thing", "--help")]
    [InlineData("| jq .payload", "queue", "consume", "-h")]
    public async Task Help_teaches_on_every_level(string lesson, params string[] arguments)
    {
        var run = new CommandLineRun();
        Assert.Equal(ExitCode.Success, await run.RunAsync(arguments));
        Assert.Contains(lesson, run.Help, StringComparison.Ordinal);
        Assert.Contains("--broker <host:port>", run.Help, StringComparison.Ordinal);
        Assert.Contains("130  interrupted", run.Help, StringComparison.Ordinal);
        Assert.Empty(run.Error);
    }

    [Theory]
    [InlineData("--version")]
    [InlineData("publish", "--version")]
    public async Task The_version_is_one_line(params string[] arguments)
    {
        var run = new CommandLineRun();
        Assert.Equal(ExitCode.Success, await run.RunAsync(arguments));
        Assert.Matches(@"^fibrilctl \d+\.\d+\.\d+\S*\r?\n$", run.Help);
    }

    [Fact]
    public async Task A_file_that_is_missing_is_explained_before_anything_is_sent()
    {
        var run = new CommandLineRun();
        Assert.Equal(ExitCode.Failure, await run.RunAsync("publish", "jobs", "--file", "/no/such/file", "--broker", "192.0.2.1"));
        Assert.StartsWith("Error: the file /no/such/file cannot be read", run.Error, StringComparison.Ordinal);
        Assert.Contains("because: ", run.Error, StringComparison.Ordinal);
    }

    private static PublishRequest Publish(params string[] arguments) => Read<PublishVerb, PublishRequest>(arguments, static (verb, parse) => verb.Read(parse));

    private static ConsumeRequest Consume(params string[] arguments) => Read<ConsumeVerb, ConsumeRequest>(arguments, static (verb, parse) => verb.Read(parse));

    private static QueueDeclaration Declare(params string[] arguments) =>
        Read<QueueDeclareVerb, QueueDeclaration>(arguments, static (verb, parse) => verb.Read(parse));

    private static TRequest Read<TVerb, TRequest>(string[] arguments, Func<TVerb, ParseResult, TRequest> read)
    {
        var command = new FibrilctlCommand(new CommandLineRun().Context);
        ParseResult parse = command.Parse(arguments);
        Assert.Empty(UsageErrors.Find(parse, command.Global));
        return read(Assert.IsType<TVerb>(parse.CommandResult.Command), parse);
    }
}
