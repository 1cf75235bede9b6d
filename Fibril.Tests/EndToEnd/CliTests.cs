using System.Text;
using System.Text.RegularExpressions;
using Fibril.Tests.Support;

namespace Fibril.Tests.EndToEnd;

public sealed class CliTests(CliTests.SharedBroker shared) : IClassFixture<CliTests.SharedBroker>
{
    private BrokerProcess Broker => shared.Broker;

    [Fact]
    public async Task Declare_publish_and_consume_print_what_scripts_rely_on()
    {
        Check(await CliProcess.RunAsync(Broker, "queue", "declare", "basics", "--partitions", "1", "--max-retries", "3"), "declared queue basics\n", "basics has 1 partition\n");
        Check(await CliProcess.RunAsync(Broker, "queue", "publish", "basics", "--message", "héllo"), "published basics at offset 0\n");
        Check(await CliProcess.RunAsync(Broker, "publish", "basics", "", "--header", "a=b"), "published basics at offset 1\n");
        Check(await CliProcess.RunAsync(Broker, "consume", "basics", "--count", "1"), "héllo\n");
        CliResult rest = await CliProcess.RunAsync(Broker, "queue", "consume", "basics", "--output", "json");
        Assert.Equal(0, rest.ExitCode);
        Assert.Contains("\"headers\":{\"a\":\"b\"},\"payload\":\"\"}\n", rest.Text, StringComparison.Ordinal);
        Assert.Matches("^reached 127.0.0.1:[0-9]+ as fibril: 3 round trips, min .* ms, median .*, max .*\n$", (await CliProcess.RunAsync(Broker, "ping", "--count", "3")).Text);
    }

    [Fact]
    public async Task A_file_is_one_message_byte_for_byte()
    {
        using var directory = new TemporaryDirectory();
        string file = directory.PathOf("file");
        byte[] content = [0, 0xFF, (byte)'\r', (byte)'\n', 0xC3, (byte)'\n'];
        await File.WriteAllBytesAsync(file, content);
        Check(await CliProcess.RunAsync(Broker, "publish", "files", "--file", file), "published files at offset 0\n");
        Check(await CliProcess.RunAsync(Broker.Address, content, "publish", "files", "--file", "-"), "published files at offset 1\n");
        CliResult consumed = await CliProcess.RunAsync(Broker, "consume", "files", "--count", "2");
        Assert.Equal([.. content, (byte)'\n', .. content, (byte)'\n'], consumed.Output);
    }

    [Fact]
    public async Task Lines_arrive_all_in_order_and_are_recorded_when_they_are_confirmed()
    {
        using var directory = new TemporaryDirectory();
        string log = directory.PathOf("confirmed.txt");
        byte[] input = [.. Enumerable.Range(0, 20_000).SelectMany(static number => (byte[])[.. Encoding.UTF8.GetBytes($"line {number}"), 0xFF, 0, (byte)'\n'])];
        CliResult published = await CliProcess.RunAsync(
            Broker.Address, [.. input, .. "\n\r\nlast"u8], "publish", "lines", "--lines", "--in-flight", "100", "--confirmed-log", log);
        Assert.Equal((0, ""), (published.ExitCode, published.Text));
        Assert.Contains("20,003 lines", published.Error, StringComparison.Ordinal);
        Assert.Equal(Enumerable.Range(1, 20_003), (await File.ReadAllLinesAsync(log)).Select(int.Parse));

        CliResult consumed = await CliProcess.RunAsync(Broker, "consume", "lines", "--exit-when-empty", "--idle", "500ms", "--quiet");
        Assert.Equal((0, ""), (consumed.ExitCode, consumed.Error));
        Assert.Equal([.. input, .. "\n\nlast\n"u8], consumed.Output);
    }

    [Fact]
    public async Task Lines_that_were_published_before_can_be_skipped()
    {
        using var directory = new TemporaryDirectory();
        string log = directory.PathOf("confirmed.txt");
        Assert.Equal(0, (await CliProcess.RunAsync(
            Broker.Address, "1\n2\n3\n4\n"u8.ToArray(), "publish", "skips", "--lines", "--skip", "2", "--confirmed-log", log)).ExitCode);
        Assert.Equal(["3", "4"], await File.ReadAllLinesAsync(log));
        Check(await CliProcess.RunAsync(Broker, "consume", "skips", "--count", "2"), "3\n4\n");
    }

    [Fact]
    public async Task A_log_of_confirmed_lines_that_cannot_be_written_stops_and_says_truly_where_to_resume()
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "needs a device that is always full");
        byte[] input = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(1, 20_000).Select(static number => $"{number}\n")));
        CliResult stopped = await CliProcess.RunAsync(Broker.Address, input, "publish", "full", "--lines", "--confirmed-log", "/dev/full");
        Assert.Equal(1, stopped.ExitCode);
        Match end = Regex.Match(stopped.Error, @"^Error: .*\nStopped: (?<confirmed>[\d,]+) messages are confirmed\.\nLine \d+ is .* resume with --skip (?<skip>\d+)\.\n$");
        Assert.True(end.Success, stopped.Error);
        Assert.Equal(end.Groups["confirmed"].Value.Replace(",", "", StringComparison.Ordinal), end.Groups["skip"].Value);
    }

    [Fact]
    public async Task Messages_that_were_only_looked_at_or_not_expected_stay_in_the_queue()
    {
        await CliProcess.RunAsync(Broker.Address, "one\ntwo\n"u8.ToArray(), "publish", "stays", "--lines");
        Check(await CliProcess.RunAsync(Broker, "consume", "stays", "--no-ack", "--count", "2"), "one\ntwo\n");
        CliResult unexpected = await CliProcess.RunAsync(Broker, "consume", "stays", "--expect", "one", "--count", "2");
        Assert.Equal((9, "one\n"), (unexpected.ExitCode, unexpected.Text));
        Assert.Contains("\"two\" instead of \"one\"", unexpected.Error, StringComparison.Ordinal);
        Check(await CliProcess.RunAsync(Broker, "consume", "stays", "--expect", "two"), "two\n");
    }

    [Fact]
    public async Task Failures_end_with_their_codes_and_say_what_to_do()
    {
        CliResult wrongPassword = await CliProcess.RunAsync(Broker.Address, "wrong\n"u8.ToArray(), "ping", "--password-stdin");
        Assert.Equal(5, wrongPassword.ExitCode);
        Assert.StartsWith($"Error: failed to connect to broker {Broker.Address}\n", wrongPassword.Error, StringComparison.Ordinal);
        Assert.Contains("try: ", wrongPassword.Error, StringComparison.Ordinal);

        CliResult none = await CliProcess.RunAsync(Broker, "consume", "nothing", "--timeout-ms", "50");
        Assert.Equal((7, ""), (none.ExitCode, none.Text));
        Assert.Contains("message 1 of 1 from nothing", none.Error, StringComparison.Ordinal);

        CliResult usage = await CliProcess.RunAsync(Broker, "publish", "UPPER", "x");
        Assert.Equal((2, ""), (usage.ExitCode, usage.Text));

        CliResult refused = await CliProcess.RunAsync(Broker, "queue", "declare", "many", "--partitions", "2000000000");
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("max_partition_count", refused.Error, StringComparison.Ordinal);

        CliResult adminPort = await CliProcess.RunAsync(null, [], "ping", "--broker", Broker.Admin.Authority);
        Assert.Equal(6, adminPort.ExitCode);
        Assert.StartsWith($"Error: failed to connect to broker {Broker.Admin.Authority}\n", adminPort.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_broken_server_configuration_matters_only_when_it_is_needed()
    {
        using var directory = new TemporaryDirectory();
        string file = directory.PathOf("file");
        await File.WriteAllTextAsync(file, "[broker");
        Assert.Equal(0, (await CliProcess.RunAsync(null, [], "ping", "--config", file, "--broker", Broker.Address)).ExitCode);
        Assert.Equal(1, (await CliProcess.RunAsync(null, [], "ping", "--config", file)).ExitCode);
        await File.WriteAllTextAsync(file, $"[broker.listener]\nbind = '{Broker.Address.Replace("127.0.0.1", "0.0.0.0", StringComparison.Ordinal)}'");
        Assert.Equal(0, (await CliProcess.RunAsync(null, [], "ping", "--config", file)).ExitCode);
    }

    [Fact]
    public async Task Following_ends_when_asked_to_and_has_acknowledged_what_it_wrote()
    {
        await using CliProcess follower = CliProcess.Start(Broker.Address, "consume", "followed", "--follow");
        await CliProcess.RunAsync(Broker, "publish", "followed", "first");
        Assert.Equal("first", await follower.ReadLineAsync());
        await CliProcess.RunAsync(Broker, "publish", "followed", "second");
        Assert.Equal("second", await follower.ReadLineAsync());
        await follower.TerminateAsync();
        Assert.Equal(130, (await follower.EndAsync()).ExitCode);
        Assert.Equal(7, (await CliProcess.RunAsync(Broker, "consume", "followed", "--timeout-ms", "50")).ExitCode);
    }

    [Fact]
    public async Task A_broken_pipe_ends_quietly_and_leaves_what_nobody_read()
    {
        await using CliProcess follower = CliProcess.Start(Broker.Address, "consume", "piped", "--follow", "--quiet");
        await CliProcess.RunAsync(Broker, "publish", "piped", "read");
        Assert.Equal("read", await follower.ReadLineAsync());
        follower.Output.Close();
        await CliProcess.RunAsync(Broker, "publish", "piped", "unread");
        CliResult ended = await follower.EndAsync();
        Assert.Equal((0, ""), (ended.ExitCode, ended.Error));
        Check(await CliProcess.RunAsync(Broker, "consume", "piped"), "unread\n");
    }

    [Fact] // S-7
    public async Task Everything_recorded_as_confirmed_survives_a_broker_that_is_killed_in_the_middle()
    {
        using var directory = new TemporaryDirectory();
        string log = directory.PathOf("confirmed.txt");
        await using BrokerProcess broker = await BrokerProcess.StartAsync();
        await using CliProcess publisher = CliProcess.Start(broker.Address, "publish", "crash", "--lines", "--confirmed-log", log);
        Task feeding = FeedAsync(publisher);
        await Patience.Until(() => File.Exists(log) && new FileInfo(log).Length > 10_000);
        await broker.KillAsync();
        CliResult stopped = await publisher.EndAsync();
        await Patience.Wait(feeding);

        long[] confirmed = [.. (await File.ReadAllLinesAsync(log)).Select(long.Parse)];
        Assert.Equal(Enumerable.Range(1, confirmed.Length).Select(static number => (long)number), confirmed);
        Assert.Equal(6, stopped.ExitCode);
        Assert.StartsWith($"Error: the connection to broker {broker.Address} broke while publishing\n", stopped.Error, StringComparison.Ordinal);
        Assert.Contains($"resume with --skip {confirmed.Length}.", stopped.Error, StringComparison.Ordinal);

        CliResult refused = await CliProcess.RunAsync(broker, "ping");
        Assert.Equal(6, refused.ExitCode);
        Assert.StartsWith($"Error: failed to connect to broker {broker.Address}\n", refused.Error, StringComparison.Ordinal);

        await using BrokerProcess again = await broker.RestartAsync();
        CliResult consumed = await CliProcess.RunAsync(again, "consume", "crash", "--exit-when-empty", "--idle", "500ms");
        string[] stored = consumed.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(confirmed, stored.Take(confirmed.Length).Select(long.Parse));
    }

    /// <summary>Writes numbered lines as fast as they are read, until nobody reads them any more.</summary>
    private static async Task FeedAsync(CliProcess publisher)
    {
        for (int first = 1; ; first += 1000)
        {
            string lines = string.Concat(Enumerable.Range(first, 1000).Select(static number => $"{number}\n"));
            if (!await publisher.WriteAsync(Encoding.UTF8.GetBytes(lines))) return;
        }
    }

    private static void Check(CliResult result, string output, string error = "") =>
        Assert.Equal((0, output, error), (result.ExitCode, result.Text, result.Error));

    /// <summary>One broker for the tests that do it no harm; each has its own topic.</summary>
    public sealed class SharedBroker : IAsyncLifetime
    {
        internal BrokerProcess Broker { get; private set; } = null!;

        public async ValueTask InitializeAsync() => Broker = await BrokerProcess.StartAsync();

        public ValueTask DisposeAsync() => Broker.DisposeAsync();
    }
}
