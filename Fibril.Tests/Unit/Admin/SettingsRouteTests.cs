using System.Text.Json;
using Fibril.Tests.Support;

namespace Fibril.Tests.Unit.Admin;

/// <summary>Settings over HTTP (admin-api 13, 17; configuration 7).</summary>
public sealed class SettingsRouteTests
{
    private const string Path = "/admin/api/runtime-settings";

    [Fact] // K-5, K-6
    public async Task A_change_names_the_version_it_read_and_touches_nothing_that_was_not_sent()
    {
        await using AdminHarness admin = await AdminHarness.StartAsync();
        ApiResponse first = await admin.GetAsync(Path);
        Assert.Equal((1, "\"1\""), (first["version"].GetInt32(), first.Header("ETag")));
        ApiResponse changed = await admin.PutAsync(Path, new { expected_version = 1, settings = new { delivery = new { inflight_ttl_ms = 60_000 } } });
        Assert.Equal((200, 2, 60_000, 8192), (
            changed.Status, changed["version"].GetInt32(), changed["settings"].GetProperty("delivery").GetProperty("inflight_ttl_ms").GetInt32(),
            changed["settings"].GetProperty("delivery").GetProperty("expiry_batch_max").GetInt32()));
        ApiResponse late = await admin.PutAsync(Path, new { expected_version = 1, settings = new { delivery = new { inflight_ttl_ms = 1 } } });
        Assert.Equal((409, 2), (late.Status, late["version"].GetInt32()));
        JsonElement entry = (await admin.GetAsync("/admin/api/audit?kind=runtime_settings_changed"))["entries"][0];
        Assert.Equal((30_000, 60_000), (
            entry.GetProperty("before").GetProperty("delivery.inflight_ttl_ms").GetInt32(), entry.GetProperty("after").GetProperty("delivery.inflight_ttl_ms").GetInt32()));
    }

    [Fact] // K-7
    public async Task A_wrong_value_changes_nothing_and_is_named()
    {
        await using AdminHarness admin = await AdminHarness.StartAsync();
        ApiResponse answer = await admin.PutAsync(Path, new { expected_version = 1, settings = new { delivery = new { expiry_batch_max = 0, inflight_ttl_ms = 5 } } });
        Assert.Equal((400, "invalid_runtime_settings"), (answer.Status, answer.Code));
        Assert.Equal("delivery.expiry_batch_max", Assert.Single(answer["details"].EnumerateArray()).GetProperty("field").GetString());
        Assert.Equal(1, (await admin.GetAsync(Path))["version"].GetInt32());
        Assert.Equal(422, (await admin.PutAsync(Path, new { expected_version = 1 })).Status);
    }

    [Fact]
    public async Task Settings_have_a_schema_a_history_and_a_way_back()
    {
        await using AdminHarness admin = await AdminHarness.StartAsync();
        JsonElement field = (await admin.GetAsync(Path + "/schema"))["fields"].EnumerateArray().First(static one => one.GetProperty("name").GetString() == "inflight_ttl_ms");
        Assert.Equal(("ms", "next_use"), (field.GetProperty("unit").GetString(), field.GetProperty("applies").GetString()));
        await admin.PutAsync(Path, new { expected_version = 1, settings = new { partitioning = new { default_partition_count = 4 } } });
        Assert.Equal(2, (await admin.GetAsync(Path + "/history"))["versions"].GetArrayLength());
        ApiResponse back = await admin.PostAsync(Path + "/reset", new { expected_version = 2, to = "version", version = 1 });
        Assert.Equal((3, 1), (back["version"].GetInt32(), back["settings"].GetProperty("partitioning").GetProperty("default_partition_count").GetInt32()));
        Assert.Equal((404, "unknown_settings_version"), await QueueRouteTests.CodeOf(admin.PostAsync(Path + "/reset", new { expected_version = 3, to = "version", version = 99 })));
        Assert.Equal((422, "invalid_body"), await QueueRouteTests.CodeOf(admin.PostAsync(Path + "/reset", new { expected_version = 3, to = "version" })));
    }

    [Fact]
    public async Task The_startup_configuration_shows_every_key_its_source_and_no_secret()
    {
        await using AdminHarness admin = await AdminHarness.StartAsync(static options => options.Admin.Auth.Password = "hush");
        ApiResponse answer = await admin.GetAsync("/admin/api/startup-config");
        Assert.DoesNotContain("hush", answer.Text);
        JsonElement bind = answer["settings"].EnumerateArray().First(static one => one.GetProperty("key").GetString() == "admin.listener.bind");
        Assert.Equal(("\"127.0.0.1:8081\"", "default"), (bind.GetProperty("value").GetString(), bind.GetProperty("source").GetString()));
        Assert.Equal(268435456, answer["keratin_message_log_segment_max_bytes"].GetInt64());
    }

    [Fact]
    public async Task Without_tls_there_is_no_certificate_to_show_or_to_load()
    {
        await using AdminHarness admin = await AdminHarness.StartAsync();
        Assert.Equal("null", (await admin.GetAsync("/admin/api/tls")).Text);
        Assert.Equal((404, "tls_reload_unavailable"), await QueueRouteTests.CodeOf(admin.PostAsync("/admin/api/tls/reload")));
    }
}
