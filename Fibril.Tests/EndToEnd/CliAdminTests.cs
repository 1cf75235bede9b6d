using System.Text.Json;
using System.Text.RegularExpressions;
using Fibril.Tests.Support;

namespace Fibril.Tests.EndToEnd;

public sealed partial class CliAdminTests(CliAdminTests.SharedBroker shared) : IClassFixture<CliAdminTests.SharedBroker>
{
    private BrokerProcess Broker => shared.Broker;

    [Fact]
    public async Task Queues_are_listed_looked_into_emptied_and_deleted()
    {
        await RunAsync("queue", "declare", "admin.q", "--partitions", "1", "--max-messages", "100");
        await RunAsync("publish", "admin.q", "number {n}", "--template", "--count", "3");
        Assert.Matches("^TOPIC +GROUP.*\nadmin\\.q +- +1 +3 +0 .*\n$", await RunAsync("queue", "list", "--filter", "admin.q", "-o", "table"));
        Assert.Equal(100, Json(await RunAsync("queue", "get", "admin.q")).GetProperty("queue").GetProperty("settings").GetProperty("max_messages").GetInt32());
        Assert.Contains("number 2\n", await RunAsync("queue", "peek", "admin.q", "-o", "table"), StringComparison.Ordinal);
        Assert.Equal("number 3", await RunAsync("messages", "get", "admin.q", "2", "--raw"));
        Assert.Equal(3, (await RunAsync("messages", "export", "admin.q")).Count(static character => character == '\n'));
        Assert.Contains("received", await RunAsync("messages", "story", "admin.q", "0", "-o", "table"), StringComparison.Ordinal);

        await RunAsync("queue", "declare", "admin.other");
        Assert.EndsWith("1 of 1 message done\n", await RunAsync("queue", "copy", "admin.q", "--count", "1", "--to", "admin.other", "-o", "table"), StringComparison.Ordinal);
        Assert.EndsWith("2 of 2 messages done\n", await RunAsync("queue", "move", "admin.q", "--offset", "1-2", "--to", "admin.other", "--yes", "-o", "table"), StringComparison.Ordinal);
        Assert.EndsWith("1 of 2 messages removed\n", (await CliProcess.RunAsync(Broker, "messages", "delete", "admin.other", "--offset", "0,77", "-y", "-o", "table")).Text, StringComparison.Ordinal);
        Assert.StartsWith("removed 2 messages of admin.other\n", await RunAsync("queue", "purge", "admin.other", "--yes", "-o", "table"), StringComparison.Ordinal);
        Assert.Equal("deleted queue admin.other with 1 partition\n", await RunAsync("queue", "delete", "admin.other", "--yes", "-o", "table"));
        CliResult gone = await CliProcess.RunAsync(Broker, "queue", "get", "admin.other");
        Assert.Equal((3, ""), (gone.ExitCode, gone.Text));
        Assert.Matches("^Error: admin API returned HTTP 404: .* \\(unknown_queue, request [0-9a-f]+\\)\n", gone.Error);
    }

    [Fact]
    public async Task Dead_letters_are_found_counted_and_sent_back()
    {
        await RunAsync("queue", "declare", "admin.work", "--dlq", "custom", "--dlq-topic", "admin.dead");
        await RunAsync("queue", "declare", "admin.dead");
        await RunAsync("publish", "admin.work", "broken");
        await RunAsync("consume", "admin.work", "--ack", "nack");
        await Patience.Until(() => Json(CliProcess.RunAsync(Broker, "dlq", "inspect", "admin.dead").Result.Text).GetProperty("items").GetArrayLength() == 1);
        Assert.Matches("\nadmin\\.dead +- +1 .* admin\\.work\n", await RunAsync("dlq", "list", "-o", "table"));
        JsonElement counted = Json(await RunAsync("dlq", "replay", "admin.dead", "--reason", "terminal_nack", "--from-time", "1h", "--dry-run"));
        Assert.Equal(("completed", 1, 0), (counted.GetProperty("state").GetString(), counted.GetProperty("matched").GetInt32(), counted.GetProperty("replayed").GetInt32()));
        JsonElement replayed = Json(await RunAsync("dlq", "replay", "admin.dead", "--all", "--after", "ack", "--yes"));
        Assert.Equal(("completed", 1), (replayed.GetProperty("state").GetString(), replayed.GetProperty("replayed").GetInt32()));
        Assert.Equal("broken\n", await RunAsync("consume", "admin.work"));
        Assert.Contains("completed", await RunAsync("dlq", "jobs", "-o", "table"), StringComparison.Ordinal);
        Assert.Equal(8, (await CliProcess.RunAsync(Broker, "dlq", "settle", "admin.dead", "--offset", "0", "--yes")).ExitCode);
        Assert.Equal(3, (await CliProcess.RunAsync(Broker, "dlq", "cancel", "1")).ExitCode);
    }

    [Fact]
    public async Task Dead_letters_are_sorted_by_cause_sent_elsewhere_taken_back_and_removed()
    {
        await RunAsync("queue", "declare", "cause.work", "--partitions", "1", "--dlq", "custom", "--dlq-topic", "cause.dead");
        await RunAsync("queue", "declare", "cause.dead", "--partitions", "1");
        await RunAsync("queue", "declare", "cause.repair", "--partitions", "1");
        await RunAsync("publish", "cause.work", "broken", "--header", "error=no order 17", "--header", "customer=7");
        await RunAsync("consume", "cause.work", "--ack", "nack");
        await Patience.Until(() => Json(CliProcess.RunAsync(Broker, "dlq", "inspect", "cause.dead").Result.Text).GetProperty("items").GetArrayLength() == 1);
        Assert.Matches("\n[0-9a-f]{16} +1 +terminal_nack +cause\\.work .* 0/0 +error: no order <n>\n", await RunAsync("dlq", "groups", "cause.dead", "-o", "table"));
        Assert.Matches("\ncause\\.work +- +custom +cause\\.dead .*\ncause\\.dead +- +1 +1 ", string.Join('\n', (await RunAsync("dlq", "policies", "-o", "table", "--filter", "cause")).Split('\n').Where(static line => line.StartsWith("cause", StringComparison.Ordinal)).Prepend("")));
        string fingerprint = Json(await RunAsync("dlq", "groups", "cause.dead")).GetProperty("groups")[0].GetProperty("fingerprint").GetString()!;
        JsonElement replayed = Json(await RunAsync("dlq", "replay", "cause.dead", "--fingerprint", fingerprint, "--to", "cause.repair"));
        Assert.Equal((1, 1), (replayed.GetProperty("replayed").GetInt32(), replayed.GetProperty("undoable").GetInt32()));
        Assert.Equal(1, Json(await RunAsync("messages", "search", "cause.repair", "--header", "customer=7", "--text", "broken")).GetProperty("items").GetArrayLength());
        Assert.Equal(0, Json(await RunAsync("messages", "offset-at", "cause.repair", "--time", "1h")).GetProperty("offset").GetInt32());
        Assert.Equal(1, Json(await RunAsync("dlq", "undo", replayed.GetProperty("id").GetRawText())).GetProperty("withdrawn").GetInt32());
        Assert.Equal(4, (await CliProcess.RunAsync(Broker, "dlq", "undo", replayed.GetProperty("id").GetRawText())).ExitCode);
        Assert.Equal(1, Json(await RunAsync("dlq", "settle", "cause.dead", "--fingerprint", fingerprint, "--dry-run")).GetProperty("matched").GetInt32());
        Assert.Equal(1, Json(await RunAsync("dlq", "settle", "cause.dead", "--fingerprint", fingerprint, "--yes")).GetProperty("deleted").GetInt32());
        Assert.Equal("No dead letters.\n", await RunAsync("dlq", "groups", "cause.dead", "-o", "table"));
    }

    [Fact]
    public async Task Streams_are_declared_read_from_anywhere_and_bounded()
    {
        Assert.Equal("declared stream admin.s\n", await RunAsync("stream", "declare", "admin.s", "--partitions", "1", "--max-age", "7d"));
        await RunAsync("stream", "publish", "admin.s", "one", "--header", "kind=a");
        await RunAsync("stream", "publish", "admin.s", "two", "--header", "kind=b");
        Assert.Equal("one\ntwo\n", await RunAsync("stream", "read", "admin.s", "--count", "2"));
        Assert.Equal("two\n", await RunAsync("stream", "read", "admin.s", "--filter", "kind=b", "--count", "1"));
        Assert.Equal("two\n", await RunAsync("tail", "admin.s", "--from", "back:1", "--count", "1"));
        Assert.Equal(1, Assert.Single(Json(await RunAsync("stream", "inspect", "admin.s", "--from", "1")).GetProperty("items").EnumerateArray()).GetProperty("offset").GetInt32());
        Assert.Equal("one\n", await RunAsync("stream", "read", "admin.s", "--durable", "me", "--count", "1"));
        await Patience.Until(() => CliProcess.RunAsync(Broker, "stream", "get", "admin.s", "-o", "table").Result.Text.Contains("\nme ", StringComparison.Ordinal));
        Assert.Equal("Max age:     7d\nMax records: 5\n", await RunAsync("stream", "retention", "set", "admin.s", "--max-records", "5", "--yes", "-o", "table"));
        Assert.Matches("\nadmin\\.s +1 +durable +7d ", await RunAsync("stream", "list", "-o", "table"));
        Assert.Equal("deleted stream admin.s with 1 partition\n", await RunAsync("stream", "delete", "admin.s", "--yes", "-o", "table"));
    }

    [Fact]
    public async Task The_older_commands_print_what_scripts_rely_on()
    {
        Assert.Equal("{\n  \"version\": 0,\n  \"target\": null\n}\n", await RunAsync("admin", "global-dlq", "get"));
        Assert.Equal(1, Json(await RunAsync("admin", "global-dlq", "set", "admin.global", "--group", "g")).GetProperty("version").GetInt32());
        CliResult conflict = await CliProcess.RunAsync(Broker, "admin", "global-dlq", "clear", "--expected-version", "7");
        Assert.Equal(4, conflict.ExitCode);
        Assert.StartsWith("Error: admin API returned HTTP 409", conflict.Error, StringComparison.Ordinal);
        Assert.Equal("{\n  \"version\": 2,\n  \"target\": null\n}\n", await RunAsync("admin", "global-dlq", "clear"));

        Assert.Equal("{\n  \"status\": \"ok\",\n  \"username\": \"app\"\n}\n", await RunAsync("user", "add", "app", "--user-password", "secret"));
        Assert.Equal("app", Json(await RunAsync("user", "list"))[0].GetProperty("username").GetString());
        Assert.Equal("user app has the role viewer now\n", await RunAsync("user", "role", "app", "viewer", "-o", "table"));
        Assert.Equal("TOPICS    MAY\norders.*  publish,consume\n", await RunAsync("user", "permission", "add", "app", "orders.*", "publish", "consume", "-o", "table"));
        Assert.Equal(4, (await CliProcess.RunAsync(Broker, "user", "permission", "remove", "app", "orders.*")).ExitCode);
        Assert.Equal("{\n  \"status\": \"removed\",\n  \"username\": \"app\"\n}\n", await RunAsync("user", "remove", "app"));
        Assert.Equal(3, (await CliProcess.RunAsync(Broker, "user", "remove", "app")).ExitCode);

        string topology = await RunAsync("admin", "topology");
        Assert.Matches("^single-node/static mode.*\nnodes:\nNODE {13}BROKER {17}ADMIN\nlocal {12}127\\.0\\.0\\.1:\\d+ +-\nassignments:\nTOPIC {16}PART  GROUP {6}OWNER {12}EPOCH  FOLLOWERS\n$", topology);
        Assert.Equal(JsonValueKind.Null, Json(await RunAsync("admin", "topology", "--json")).GetProperty("consensus").ValueKind);
        Assert.Equal(JsonValueKind.Array, Json(await RunAsync("admin", "queues")).GetProperty("queues").ValueKind);
        Assert.Equal(1, (await CliProcess.RunAsync(Broker, "admin", "repartition", "jobs", "4")).ExitCode);
        Assert.Equal(1, (await CliProcess.RunAsync(Broker, "admin", "reload-tls")).ExitCode);
    }

    [Fact]
    public async Task Operators_see_how_the_broker_does()
    {
        Assert.Equal("Alive: yes\nReady: yes\n", await RunAsync("ready", "--wait", "-o", "table"));
        Assert.Equal("Alive: yes\nReady: yes\n", await RunAsync("health", "-o", "table"));
        Assert.Matches("fibrilctl: .*\nbroker: +\\d", await RunAsync("version"));
        Assert.Contains("\nSince the start\n", await RunAsync("overview", "-o", "table"), StringComparison.Ordinal);
        Assert.Contains("\nlocal  live ", await RunAsync("topology", "--check", "-o", "table"), StringComparison.Ordinal);
        Assert.Equal("Nothing is quarantined.\n", await RunAsync("quarantine", "list", "-o", "table"));
        Assert.Matches("^NAME +LABELS +VALUE\nfibril_broker_published_total +- +\\d+\n", await RunAsync("metrics", "--filter", "broker_published", "-o", "table"));
        foreach (string list in (string[])["connections list", "subscriptions", "cohorts", "attention", "audit"]) await RunAsync(list.Split(' '));

        await RunAsync("queue", "declare", "admin.stuck");
        await RunAsync("publish", "admin.stuck", "x");
        CliResult stuck = await CliProcess.RunAsync(Broker, "explain", "queue", "admin.stuck", "-o", "table");
        Assert.Equal(1, stuck.ExitCode);
        Assert.Contains("nobody is subscribed", stuck.Text, StringComparison.Ordinal);

        Assert.StartsWith("told ", await RunAsync("drain", "start", "--grace", "1s", "--yes", "-o", "table"), StringComparison.Ordinal);
        Assert.StartsWith("draining\n", await RunAsync("drain", "status", "-o", "table"), StringComparison.Ordinal);
        Assert.Equal("not draining\n", await RunAsync("drain", "cancel", "-o", "table"));
        Assert.Contains("drain_cancelled", await RunAsync("audit", "--kind", "drain_cancelled", "-o", "csv"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Settings_are_changed_compared_and_brought_back()
    {
        int version = Json(await RunAsync("settings", "get")).GetProperty("version").GetInt32();
        Assert.Matches("\ndelivery\\.inflight_ttl_ms +45000  no\n", await RunAsync("settings", "set", "delivery.inflight_ttl_ms=45s", "-o", "table"));
        Assert.Matches("\ndelivery\\.inflight_ttl_ms +30000 +45000\n", await RunAsync("settings", "diff", "-o", "table"));
        Assert.Equal(4, (await CliProcess.RunAsync(Broker, "settings", "set", "delivery.inflight_ttl_ms=1s", "--expected-version", "0")).ExitCode);
        Assert.Equal(1, (await CliProcess.RunAsync(Broker, "settings", "set", "delivery.inflight_ttl_ms=0")).ExitCode);
        Assert.Equal(3, (await CliProcess.RunAsync(Broker, "settings", "set", "delivery.nothing=1")).ExitCode);
        await RunAsync("settings", "reset", "--to", version.ToString(System.Globalization.CultureInfo.InvariantCulture), "--yes");
        Assert.Equal("No differences.\n", await RunAsync("settings", "diff", "-o", "table"));
        Assert.Contains("inflight_ttl_ms", await RunAsync("settings", "schema", "-o", "csv"), StringComparison.Ordinal);
        Assert.Equal(version + 2, Json(await RunAsync("settings", "history")).GetProperty("versions")[0].GetProperty("version").GetInt32());
    }

    [Fact]
    public async Task Messages_are_handled_by_commands_and_measured()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs a POSIX shell");
        await RunAsync("queue", "declare", "admin.exec", "--max-retries", "9");
        await RunAsync("publish", "admin.exec", "payload");
        CliResult ran = await CliProcess.RunAsync(
            Broker, "consume", "admin.exec", "--count", "2", "--exec", "cat; echo \" retries=$FIBRIL_MESSAGE_RETRIES\"; test $FIBRIL_MESSAGE_RETRIES = 1");
        Assert.Equal((0, "payload retries=0\npayload retries=1\n"), (ran.ExitCode, ran.Text));
        Assert.Equal(100, Json(await RunAsync("bench", "publish", "admin.bench", "--count", "100", "-o", "json")).GetProperty("messages").GetInt32());
        Assert.Equal(100, Json(await RunAsync("bench", "consume", "admin.bench", "--count", "100", "-o", "json")).GetProperty("messages").GetInt32());
        Assert.True(Json(await RunAsync("bench", "latency", "admin.latency", "--count", "10", "-o", "json")).GetProperty("p99_ms").GetDouble() > 0);
    }

    [Fact]
    public async Task Certificates_made_here_are_served_trusted_and_signed_in_with()
    {
        using var directory = new TemporaryDirectory();
        string data = directory.PathOf("data"), ca = Path.Combine(data, "tls", "ca.pem"), config = directory.PathOf("fibril.toml");
        string generated = (await CliProcess.RunAsync(null, [], "cert", "generate", "--data-dir", data)).Text;
        string fingerprint = (await CliProcess.RunAsync(null, [], "cert", "fingerprint", ca)).Text.Trim();
        Assert.Contains($"CA fingerprint: {fingerprint}\n", generated, StringComparison.Ordinal);
        Assert.Equal(0, (await CliProcess.RunAsync(null, [], "cert", "issue", "app", "--data-dir", data, "--out-dir", directory.PathOf("app"))).ExitCode);
        CliResult secret = await CliProcess.RunAsync(null, [], "secret", "generate", "--data-dir", data, "--show");
        Assert.Matches(HexLine(), secret.Text);
        Assert.StartsWith("kept ", (await CliProcess.RunAsync(null, [], "secret", "generate", "--data-dir", data)).Text, StringComparison.Ordinal);

        await File.WriteAllTextAsync(config, "[tls]\nenabled = true\nauto_self_signed = true\n");
        await using BrokerProcess broker = await BrokerProcess.StartAsync(data, "--config", config);
        Assert.Equal(0, (await CliProcess.RunAsync(broker, "ping", "--ca-file", ca)).ExitCode);
        Assert.Equal(0, (await CliProcess.RunAsync(broker, "topology", "--ca-file", ca)).ExitCode);
        Assert.Equal(0, (await CliProcess.RunAsync(broker, "topology", "--fingerprint", fingerprint)).ExitCode);
        Assert.Equal(0, (await CliProcess.RunAsync(broker, "doctor", "--fingerprint", fingerprint, "--data-dir", data)).ExitCode);
        CliResult insecure = await CliProcess.RunAsync(broker, "ping", "--insecure");
        Assert.Equal(0, insecure.ExitCode);
        Assert.StartsWith("WARNING: --insecure trusts whoever answers", insecure.Error, StringComparison.Ordinal);
        Assert.Equal(6, (await CliProcess.RunAsync(broker, "ping", "--tls")).ExitCode);
        Assert.Equal(6, (await CliProcess.RunAsync(broker, "topology", "--tls")).ExitCode);
        Assert.Equal(6, (await CliProcess.RunAsync(broker, "topology", "--fingerprint", new string('0', 64))).ExitCode);
        CliResult plain = await CliProcess.RunAsync(broker, "ping");
        Assert.Equal(6, plain.ExitCode);
        Assert.Contains("Add --tls", plain.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Settings_are_edited_in_an_editor_and_only_what_changed_is_sent()
    {
        await using BrokerProcess broker = await BrokerProcess.StartAsync();
        CliResult edited = await CliProcess.RunWithEditorAsync(broker, "sed -i.before s/30000/46000/", "settings", "edit", "delivery", "-o", "table");
        Assert.Matches("^SETTING .*\ndelivery\\.inflight_ttl_ms +46000  no\n\n?version 2\n$", edited.Text);
        CliResult same = await CliProcess.RunWithEditorAsync(broker, "true", "settings", "edit");
        Assert.Equal((0, "", "Nothing was changed.\n"), (same.ExitCode, same.Text, same.Error));
        CliResult refused = await CliProcess.RunWithEditorAsync(broker, "sed -i.before s/46000/0/", "settings", "edit", "delivery.inflight_ttl_ms");
        Assert.Equal(1, refused.ExitCode);
        string kept = KeptText().Match(refused.Error).Groups[1].Value;
        Assert.Contains("\"inflight_ttl_ms\": 0", await File.ReadAllTextAsync(kept), StringComparison.Ordinal);
        Directory.Delete(Path.GetDirectoryName(kept)!, recursive: true);
        string change = $"dotnet '{Path.Combine(AppContext.BaseDirectory, "fibrilctl.dll")}' settings set delivery.inflight_ttl_ms=47s --admin {broker.Admin.Authority} > /dev/null && sed -i.before s/46000/48000/";
        CliResult conflict = await CliProcess.RunWithEditorAsync(broker, change, "settings", "edit", "delivery");
        Assert.Equal(4, conflict.ExitCode);
        Assert.Contains("the settings have changed; they have version 3, not 2", conflict.Error, StringComparison.Ordinal);
        Directory.Delete(Path.GetDirectoryName(KeptText().Match(conflict.Error).Groups[1].Value)!, recursive: true);
        Assert.Equal(1, (await CliProcess.RunWithEditorAsync(broker, "false", "settings", "edit")).ExitCode);
        Assert.Matches("^GROUP +LOCKED\n(.*\n)*delivery +no\n", (await CliProcess.RunAsync(broker, "settings", "locks", "-o", "table")).Text);
    }

    [Fact]
    public async Task The_doctor_says_what_is_wrong_and_what_to_do()
    {
        CliResult well = await CliProcess.RunAsync(Broker, "doctor", "-o", "json");
        Assert.Equal(0, well.ExitCode);
        Assert.True(Json(well.Text).GetProperty("ok").GetBoolean());
        CliResult ill = await CliProcess.RunAsync(null, [], "doctor", "--broker", "127.0.0.1:1", "--admin", "127.0.0.1:1");
        Assert.Equal(1, ill.ExitCode);
        Assert.Equal(2, Regex.Count(ill.Text, "^bad ", RegexOptions.Multiline));
        Assert.Equal(2, Regex.Count(ill.Text, "^ +try: ", RegexOptions.Multiline));
    }

    [Fact]
    public async Task The_doctor_reads_a_password_once_for_broker_and_admin_api()
    {
        CliResult read = await CliProcess.RunAsync(
            Broker.Address, "fibril\n"u8.ToArray(), "doctor", "--password-stdin", "--admin", Broker.Admin.GetLeftPart(UriPartial.Authority), "-o", "json");
        Assert.True(read.ExitCode == 0, read.Error);
        Assert.True(Json(read.Text).GetProperty("ok").GetBoolean());
    }

    [Fact]
    public async Task Users_may_have_slashes_in_their_names_and_are_told_from_those_whose_names_only_look_escaped()
    {
        string[] names = ["team/app", "team%2Fapp", "team%252fapp"];
        foreach (string name in names) await RunAsync("user", "add", name, "--user-password", "secret");
        Assert.Equal("user team/app has the role viewer now\n", await RunAsync("user", "role", "team/app", "viewer", "-o", "table"));
        Assert.Equal("none", Json(await RunAsync("user", "list")).EnumerateArray().Single(static user => user.GetProperty("username").GetString() == "team%2Fapp").GetProperty("role").GetString());
        await RunAsync("user", "permission", "add", "team/app", "orders", "publish");
        foreach (string name in names)
        {
            Assert.Equal($"removed user {name}\n", await RunAsync("user", "remove", name, "-o", "table"));
            Assert.Equal(3, (await CliProcess.RunAsync(Broker, "user", "remove", name)).ExitCode);
        }
    }

    private async Task<string> RunAsync(params string[] arguments)
    {
        CliResult result = await CliProcess.RunAsync(Broker, arguments);
        Assert.True(result.ExitCode == 0, $"fibrilctl {string.Join(' ', arguments)} ended with {result.ExitCode}: {result.Error}{result.Text}");
        return result.Text;
    }

    private static JsonElement Json(string text)
    {
        using JsonDocument document = JsonDocument.Parse(text);
        return document.RootElement.Clone();
    }

    [GeneratedRegex("Your text is in (.*)\\.\n")]
    private static partial Regex KeptText();

    [GeneratedRegex("\n[0-9a-f]{64}\n$")]
    private static partial Regex HexLine();

    /// <summary>One broker for the tests that do it no harm; each has its own topics.</summary>
    public sealed class SharedBroker : IAsyncLifetime
    {
        internal BrokerProcess Broker { get; private set; } = null!;

        public async ValueTask InitializeAsync() => Broker = await BrokerProcess.StartAsync();

        public ValueTask DisposeAsync() => Broker.DisposeAsync();
    }
}
