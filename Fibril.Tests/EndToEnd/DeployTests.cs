using Fibril.Client;
using Fibril.Tests.Support;

namespace Fibril.Tests.EndToEnd;

/// <summary>Dashboards and alerts ask for what a broker exports, and for nothing else.</summary>
public sealed class DeployTests
{
    // Of whoever scrapes, and not of the broker.
    private static readonly string[] LabelsOfPrometheus = ["instance", "job"];

    [Fact]
    public async Task Every_name_in_dashboards_and_alerts_is_exported()
    {
        await using BrokerProcess broker = await BrokerProcess.StartAsync();
        await using FibrilClient client = await broker.ConnectAsync();
        await client.CreatePublisher("orders").PublishAsync("an order"u8.ToArray());
        await client.DeclareStreamAsync("audit");
        await using Subscription reader = await client.SubscribeStreamAsync("audit", new StreamSubscribeOptions { DurableName = "billing" });
        Scrape scrape = await Scrape.OfAsync(broker);
        await Patience.Until(async () => (scrape = await Scrape.OfAsync(broker)).Types.ContainsKey("fibril_stream_cursor_lag"));

        (string File, string Expression)[] expressions = [.. DeployedNames.Expressions()];
        Assert.Equal(4, expressions.Select(static expression => expression.File).Distinct().Count());
        HashSet<string> labels = [.. scrape.Samples.Keys.SelectMany(DeployedNames.LabelsIn), .. LabelsOfPrometheus];
        Assert.All(expressions, expression =>
        {
            Assert.All(DeployedNames.MetricsIn(expression.Expression), name => Assert.True(IsExported(scrape, name), $"{expression.File}: nobody exports {name}"));
            Assert.All(DeployedNames.LabelsIn(expression.Expression), label => Assert.True(labels.Contains(label), $"{expression.File}: nothing has a label {label}"));
        });
    }

    [Fact]
    public void Every_counter_is_asked_for_its_growth_and_never_for_its_value() =>
        Assert.All(DeployedNames.Expressions(), static expression => Assert.All(
            DeployedNames.MetricsIn(expression.Expression).Where(static name => name.EndsWith("_total", StringComparison.Ordinal)),
            name => Assert.Matches($@"(rate|increase)\({name}[\[{{]", expression.Expression)));

    private static bool IsExported(Scrape scrape, string name) =>
        scrape.Types.TryGetValue(name, out string? type) ? type != "histogram" : scrape.Samples.Keys.Any(series => series == name || series.StartsWith(name + "{", StringComparison.Ordinal));
}
