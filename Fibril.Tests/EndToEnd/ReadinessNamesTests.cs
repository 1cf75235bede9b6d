using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Fibril.Broker.Channels;
using Fibril.Broker.Hosting;
using Fibril.Client;
using Fibril.Tests.Support;

namespace Fibril.Tests.EndToEnd;

/// <summary>What the readiness of a broker with a damaged queue tells whom (admin-api 4, A-53).</summary>
public sealed class ReadinessNamesTests : IDisposable
{
    private const string Topic = "secret-orders";

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory] // a login is looked at, and never asked for
    [InlineData("ops:right", false, true)]
    [InlineData("ops:wrong", false, false)]
    [InlineData(null, false, false)]
    [InlineData(null, true, true)]
    public async Task Names_of_topics_are_for_who_is_logged_in_unless_they_are_public(string? login, bool isPublic, bool showsNames)
    {
        string data = _directory.PathOf("data");
        await DamageAsync(data);
        await using HostedBroker broker = await HostedBroker.StartAsync(data, options => Configure(options, isPublic));
        using var http = new HttpClient();
        var request = new HttpRequestMessage(HttpMethod.Get, new Uri(broker.Admin, "/readyz?verbose"));
        if (login is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(login)));
        using HttpResponseMessage answer = await http.SendAsync(request, TestContext.Current.CancellationToken);
        string text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        JsonElement readiness = JsonSerializer.Deserialize<JsonElement>(text);
        Assert.Equal((200, true, 1), ((int)answer.StatusCode, readiness.GetProperty("degraded").GetBoolean(), readiness.GetProperty("quarantined_count").GetInt32()));
        Assert.Equal(showsNames, text.Contains(Topic, StringComparison.Ordinal));
    }

    private static void Configure(BrokerOptions options, bool isPublic)
    {
        options.Recovery.Check = RecoveryCheck.Eager;
        (options.Admin.Auth.Enabled, options.Admin.Auth.UserName, options.Admin.Auth.Password) = (true, "ops", "right");
        options.Admin.HealthVerbosePublic = isPublic;
    }

    /// <summary>Leaves a queue of which the first of several messages cannot be read.</summary>
    private static async Task DamageAsync(string data)
    {
        await using (HostedBroker broker = await HostedBroker.StartAsync(data))
        {
            await using FibrilClient client = await broker.ConnectAsync(tls: null);
            foreach (string text in (string[])["a", "b", "c"]) await client.CreatePublisher(Topic).PublishAsync(Encoding.UTF8.GetBytes(text));
        }

        string segment = Directory.EnumerateFiles(data, "messages-*.log", SearchOption.AllDirectories).Single(static path => path.Contains(Topic, StringComparison.Ordinal));
        byte[] bytes = await File.ReadAllBytesAsync(segment, TestContext.Current.CancellationToken);
        bytes[64 + 45] ^= 4;
        await File.WriteAllBytesAsync(segment, bytes, TestContext.Current.CancellationToken);
    }
}
