using System.CommandLine;
using System.Text;
using Fibril.Cli;
using Fibril.Cli.Commands;
using Fibril.Cli.Parsing;
using Fibril.Tests.Support;

namespace Fibril.Tests.Unit.Cli;

public sealed class CommandTreeTests
{
    private static readonly FibrilctlCommand Tool = new(new CommandLineRun(isTerminal: true).Context);

    public static TheoryData<string> Commands => [.. All(Tool.Root).Select(static command => string.Join(' ', UsageErrors.WordsTo(command)))];

    [Theory]
    [MemberData(nameof(Commands))]
    public void Every_command_teaches_with_examples_that_parse(string path)
    {
        Command command = All(Tool.Root).Single(command => string.Join(' ', UsageErrors.WordsTo(command)) == path);
        TeachingCommand teaching = Assert.IsType<TeachingCommand>(command, exactMatch: false);
        Assert.NotEmpty(teaching.Examples);
        Assert.All(teaching.Examples, static example =>
        {
            foreach (string[] words in CommandLines(example.CommandLine)) Assert.Empty(UsageErrors.Find(Tool.Parse(words), Tool.Global));
        });
    }

    [Theory] // sections 2 to 6 of cli.md
    [InlineData("queue declare t --group g --partitions 2 --max-retries 3 --dlq custom --dlq-topic d --dlq-group e")]
    [InlineData("queue publish t --message m --group g --partition-key k")]
    [InlineData("queue consume t --group g --count 2 --prefetch 3 --timeout-ms 5 --expect m")]
    [InlineData("admin global-dlq get")]
    [InlineData("admin global-dlq set t --group g --expected-version 3")]
    [InlineData("admin global-dlq clear --expected-version 3")]
    [InlineData("admin dlq replay d --dlq-group g --offset 1 --offset 2")]
    [InlineData("admin messages t --group g --from 0 --limit 5 --include-settled --include-payload --payload-limit-bytes 10")]
    [InlineData("admin queues")]
    [InlineData("admin topology --json")]
    [InlineData("admin coordination add-voting-member 4 10.0.0.4:9877")]
    [InlineData("admin coordination remove-voting-member 4")]
    [InlineData("admin repartition t 8 --group g")]
    [InlineData("admin reload-tls")]
    [InlineData("user add app --user-password secret")]
    [InlineData("user passwd app --user-password secret")]
    [InlineData("user remove app")]
    [InlineData("user list")]
    [InlineData("cert generate --data-dir d --san a --san b")]
    [InlineData("cert fingerprint a.pem")]
    [InlineData("cert issue app --data-dir d --out-dir o")]
    [InlineData("secret generate --data-dir d --show")]
    [InlineData("topology")]
    [InlineData("--username u --password p queue --broker b:1 publish t --message m --admin 127.0.0.1:8081")]
    public void The_older_command_lines_still_run(string line) => Assert.Empty(UsageErrors.Find(Tool.Parse(line.Split(' ')), Tool.Global));

    [Theory]
    [InlineData("queue", "delete", "jobs")]
    [InlineData("queue", "purge", "jobs")]
    [InlineData("stream", "delete", "ticks")]
    [InlineData("messages", "delete", "jobs", "--offset", "1")]
    [InlineData("dlq", "settle", "jobs.failed", "--offset", "1")]
    [InlineData("dlq", "settle", "jobs.failed", "--fingerprint", "0d2834261ca7eca3")]
    [InlineData("dlq", "replay", "jobs.failed", "--all", "--after", "ack")]
    [InlineData("drain", "start")]
    [InlineData("quarantine", "repair", "jobs")]
    [InlineData("connections", "close", "x")]
    [InlineData("settings", "reset")]
    public async Task What_cannot_be_brought_back_needs_a_yes_where_nobody_can_be_asked(params string[] arguments)
    {
        using var run = new CommandLineRun();
        Assert.Equal(ExitCode.Usage, await run.RunAsync([.. arguments, "--admin", "127.0.0.1:1"]));
        Assert.Contains("Add --yes", run.Error, StringComparison.Ordinal);
        Assert.Equal(ExitCode.NotReachable, await run.RunAsync([.. arguments, "--admin", "127.0.0.1:1", "--yes"]));
    }

    [Fact]
    public async Task Whoever_does_not_say_yes_has_changed_nothing()
    {
        using var run = new CommandLineRun(isTerminal: true) { Input = "n\n"u8.ToArray() };
        Assert.Equal(ExitCode.Failure, await run.RunAsync("queue", "delete", "jobs", "--admin", "127.0.0.1:1", "--no-color"));
        Assert.StartsWith("Really delete queue jobs and all its messages? [y/N] Error: not confirmed", run.Error, StringComparison.Ordinal);
        run.Input = "yes\n"u8.ToArray();
        Assert.Equal(ExitCode.NotReachable, await run.RunAsync("queue", "delete", "jobs", "--admin", "127.0.0.1:1"));
    }

    [Theory]
    [InlineData(2, "user", "add", "app")]
    [InlineData(2, "queue", "list", "-o", "yaml")]
    [InlineData(2, "dlq", "replay", "d")]
    [InlineData(2, "dlq", "replay", "d", "--offset", "1", "--all")]
    [InlineData(2, "dlq", "replay", "d", "--offset", "1", "--to", "q")]
    [InlineData(2, "dlq", "replay", "d", "--all", "--to-group", "g")]
    [InlineData(2, "dlq", "settle", "d")]
    [InlineData(2, "dlq", "settle", "d", "--offset", "1", "--fingerprint", "0d2834261ca7eca3")]
    [InlineData(2, "messages", "search", "q", "--header", "nothing")]
    [InlineData(2, "queue", "move", "a", "--to", "b")]
    [InlineData(2, "settings", "set", "delivery")]
    [InlineData(2, "stream", "tail", "t", "--durable", "n", "--from", "earliest")]
    [InlineData(2, "ping", "--client-cert", "a.pem")]
    [InlineData(2, "ping", "--insecure", "--ca-file", "a.pem")]
    [InlineData(2, "ping", "--fingerprint", "12:34")]
    [InlineData(2, "cert", "issue", "@node")]
    [InlineData(2, "consume", "t", "--exec", "true", "--ack", "nack")]
    [InlineData(2, "publish", "t", "--lines", "--count", "3")]
    public async Task Command_lines_that_make_no_sense_are_refused(int exitCode, params string[] arguments)
    {
        using var run = new CommandLineRun();
        Assert.Equal(exitCode, await run.RunAsync(arguments));
    }

    [Theory]
    [InlineData("fibrilctl queue de", "declare delete")]
    [InlineData("fibrilctl dlq-", "")]
    [InlineData("fibrilctl queue list --output ", "csv json ndjson table wide")]
    [InlineData("fibrilctl queue purge jobs --scope ", "all delayed ready")]
    public async Task Shells_are_told_what_may_come_next(string line, string proposals)
    {
        using var run = new CommandLineRun();
        Assert.Equal(0, await run.RunAsync(CompleteVerb.Word, "--", line));
        Assert.Equal(proposals, string.Join(' ', run.Help.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)));
    }

    [Theory]
    [InlineData("bash")]
    [InlineData("zsh")]
    [InlineData("fish")]
    [InlineData("pwsh")]
    public async Task Every_shell_has_a_script(string shell)
    {
        using var run = new CommandLineRun();
        Assert.Equal(0, await run.RunAsync("completion", shell));
        Assert.Contains($"fibrilctl {CompleteVerb.Word} -- ", Encoding.UTF8.GetString(run.Output.ToArray()), StringComparison.Ordinal);
    }

    private static IEnumerable<Command> All(Command root) => root.Subcommands
        .Where(static command => command is not HelpVerb and not CompleteVerb).SelectMany(static command => All(command).Prepend(command));

    /// <summary>The calls of fibrilctl in a line for a shell, without what other programs are told.</summary>
    private static IEnumerable<string[]> CommandLines(string line)
    {
        foreach (string part in line.Split(["|", "&&", "||", ">>", ">", "<", ";", ")"], StringSplitOptions.TrimEntries))
        {
            int start = part.IndexOf("fibrilctl ", StringComparison.Ordinal);
            if (start >= 0 && !part[..start].Contains("service", StringComparison.Ordinal)) yield return Split(part[(start + "fibrilctl ".Length)..]);
        }
    }

    private static string[] Split(string line)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        char quote = '\0';
        bool isOpen = false;
        foreach (char character in line + " ")
        {
            if (quote == '\0' && character is '"' or '\'') (quote, isOpen) = (character, true);
            else if (character == quote) quote = '\0';
            else if (character == ' ' && quote == '\0')
            {
                if (isOpen) words.Add(word.ToString());
                (isOpen, _) = (false, word.Clear());
            }
            else (isOpen, _) = (true, word.Append(character));
        }

        return [.. words];
    }
}
