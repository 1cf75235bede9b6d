using System.Text.Json;
using Fibril.Cli;
using Fibril.Cli.Commands.Settings;

namespace Fibril.Tests.Unit.Cli;

/// <summary>What an edited document of settings changes.</summary>
public sealed class SettingsTextTests
{
    private const string Settings = """{"delivery": {"ttl_ms": 30000, "enabled": true}, "stream": {"limit": null}}""";

    [Fact]
    public void A_text_that_nobody_has_changed_changes_nothing() => Assert.Empty(SettingsText.Changes(SettingsText.Write(Json(Settings)), Json(Settings)));

    [Theory]
    [InlineData("""{"delivery": {"ttl_ms": 45000, "enabled": true}, "stream": {"limit": null}}""", """{"delivery":{"ttl_ms":45000}}""")]
    [InlineData("""{"stream": {"limit": 5,}, /* mine */}""", """{"stream":{"limit":5}}""")]
    [InlineData("""{"delivery": {"enabled": false}, "stream": {"limit": 7}}""", """{"delivery":{"enabled":false},"stream":{"limit":7}}""")]
    [InlineData("""{"delivery": {"ttl_ms": 3e4}}""", "{}")]
    [InlineData("{}", "{}")]
    public void Only_what_is_other_than_before_is_sent(string text, string changes) => Assert.Equal(changes, SettingsText.Changes(text, Json(Settings)).ToJsonString());

    [Theory]
    [InlineData("""{"delivery": {"ttl": 1}}""", ExitCode.NotFound, "there is no setting delivery.ttl")]
    [InlineData("""{"delivery": 1}""", ExitCode.Failure, "no object")]
    [InlineData("[]", ExitCode.Failure, "no object")]
    [InlineData("""{"delivery": """, ExitCode.Failure, "no JSON")]
    [InlineData("", ExitCode.Failure, "no JSON")]
    public void A_text_that_makes_no_sense_is_refused(string text, int exitCode, string said)
    {
        CliException refusal = Assert.Throws<CliException>(() => SettingsText.Changes(text, Json(Settings)));
        Assert.Equal(exitCode, refusal.ExitCode);
        Assert.Contains(said, refusal.Message, StringComparison.Ordinal);
    }

    private static JsonElement Json(string text)
    {
        using JsonDocument document = JsonDocument.Parse(text);
        return document.RootElement.Clone();
    }
}
