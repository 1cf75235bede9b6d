using Fibril.Cli;
using Fibril.Cli.Connecting;
using Fibril.Tests.Support;

namespace Fibril.Tests.Unit.Cli;

public sealed class ContextFileTests
{
    [Fact]
    public void What_is_written_is_read_again()
    {
        CommandLineRun run = Home();
        var file = new ContextFile(run.Context);
        var tls = new TlsSettings { CaFile = "ca.pem", Fingerprint = "AB", ServerName = "broker", ClientCertificateFile = "c.pem", ClientKeyFile = "c.key" };
        SavedContext[] contexts =
        [
            new("plain") { Broker = "b:1" },
            new("quo\"ted \\ name") { Broker = "b:1", Admin = "https://b:2", UserName = "ops", Password = "p\"w\n\t", Tls = tls },
            new("tls only") { Tls = new TlsSettings() },
        ];
        file.Write(new ContextList("plain", contexts));
        ContextList read = file.Read();
        Assert.Equal("plain", read.Current);
        Assert.Equal(contexts, read.Contexts);
    }

    [Fact]
    public void Without_a_file_there_is_no_context_and_one_that_is_asked_for_must_exist()
    {
        CommandLineRun run = Home();
        Assert.Null(new ContextFile(run.Context).Find(null));
        Assert.Equal(ExitCode.NotFound, Assert.Throws<CliException>(() => new ContextFile(run.Context).Find("prod")).ExitCode);
        Assert.Null(new ContextFile(new CommandLineRun().Context).Find(null));
    }

    [Fact]
    public void The_one_asked_for_counts_more_than_the_current_one()
    {
        CommandLineRun run = Home();
        new ContextFile(run.Context).Write(new ContextList("one", [new("one") { Broker = "b:1" }, new("two") { Broker = "b:2" }]));
        Assert.Equal(("one", false), Found(run, null));
        Assert.Equal(("two", true), Found(run, "two"));
        run.Variable("FIBRIL_CONTEXT", "two");
        Assert.Equal(("two", true), Found(run, null));
        Assert.Equal(("one", true), Found(run, "one"));
    }

    [Fact]
    public void The_password_of_a_context_is_for_its_user_only()
    {
        var saved = new SavedContext("prod") { UserName = "ops", Password = "secret" };
        var run = new CommandLineRun();
        Assert.Equal(new Credentials("ops", "secret"), Credentials.Find(null, null, false, saved, run.Context));
        Assert.Equal(new Credentials("other", "fibril"), Credentials.Find("other", null, false, saved, run.Context));
        run.Variable("FIBRIL_USERNAME", "app").Variable("FIBRIL_PASSWORD", "word");
        Assert.Equal(new Credentials("app", "word"), Credentials.Find(null, null, false, saved, run.Context));
        Assert.Equal(new Credentials("ops", "secret"), Credentials.Find(null, null, false, saved with { IsAskedFor = true }, run.Context));
    }

    [Fact]
    public async Task Contexts_are_added_used_and_removed()
    {
        CommandLineRun run = Home();
        Assert.Equal(0, await run.RunAsync("context", "add", "prod", "--broker", "b:1", "--username", "ops", "--password", "pw"));
        Assert.Equal(0, await run.RunAsync("context", "add", "test", "--admin", "https://t:2", "--ca-file", "ca.pem"));
        Assert.Equal(0, await run.RunAsync("context", "use", "test"));
        ContextList list = new ContextFile(run.Context).Read();
        Assert.Equal("test", list.Current);
        Assert.Equal([new("prod") { Broker = "b:1", UserName = "ops", Password = "pw" }, new("test") { Admin = "https://t:2", Tls = new TlsSettings { CaFile = "ca.pem" } }], list.Contexts);
        Assert.Equal(ExitCode.NotFound, await run.RunAsync("context", "use", "nope"));
        Assert.Equal(ExitCode.Usage, await run.RunAsync("context", "add", "empty"));
        Assert.Equal(0, await run.RunAsync("context", "remove", "test"));
        Assert.Null(new ContextFile(run.Context).Read().Current);
    }

    private static CommandLineRun Home() => new CommandLineRun().Variable("HOME", "/home/me");

    private static (string?, bool?) Found(CommandLineRun run, string? asked)
    {
        SavedContext? found = new ContextFile(run.Context).Find(asked);
        return (found?.Name, found?.IsAskedFor);
    }
}
