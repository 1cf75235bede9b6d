using System.Globalization;
using System.Text.RegularExpressions;

namespace Fibril.Tests.Support;

/// <summary>What a broker exports at <c>/metrics</c>, read as Prometheus does.</summary>
internal sealed partial class Scrape
{
    private Scrape(string text)
    {
        Text = text;
        foreach (string line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.StartsWith("# TYPE ", StringComparison.Ordinal))
            {
                string[] words = line.Split(' ');
                Assert.True(Types.TryAdd(words[2], words[3]), $"{words[2]} has two headers");
                Family = words[2];
            }
            else if (!line.StartsWith('#'))
            {
                Match sample = SampleLine().Match(line);
                Assert.True(sample.Success, $"'{line}' is no sample");
                Assert.StartsWith(Family, sample.Groups["name"].Value, StringComparison.Ordinal); // samples of a family stand together
                Samples.Add(sample.Groups["series"].Value, double.Parse(sample.Groups["value"].Value.Replace("+Inf", "Infinity", StringComparison.Ordinal), CultureInfo.InvariantCulture));
            }
        }
    }

    public string Text { get; }

    /// <summary>Type by family.</summary>
    public Dictionary<string, string> Types { get; } = [];

    /// <summary>Value by series, as in <c>name{label="value"}</c>.</summary>
    public Dictionary<string, double> Samples { get; } = [];

    private string Family { get; set; } = "";

    public double this[string series] => Samples[series];

    public static async Task<Scrape> OfAsync(BrokerProcess broker)
    {
        using var http = new HttpClient();
        using HttpResponseMessage response = await http.GetAsync(new Uri(broker.Admin, "/metrics"));
        response.EnsureSuccessStatusCode();
        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", response.Content.Headers.ContentType!.ToString());
        return new Scrape(await response.Content.ReadAsStringAsync());
    }

    [GeneratedRegex("""^(?<series>(?<name>[a-z_]+)(\{[a-z]+="([^"\\]|\\.)*"(,[a-z]+="([^"\\]|\\.)*")*\})?) (?<value>\S+)$""")]
    private static partial Regex SampleLine();
}
