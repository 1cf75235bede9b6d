using Fibril.Tests.Support;

namespace Fibril.Tests.Unit.Hosting;

/// <summary>docs/configuration.md says what the broker does.</summary>
public sealed class ConfigurationReferenceTests
{
    [Fact]
    public void The_page_is_up_to_date()
    {
        string path = Repository.PathOf(ConfigurationReference.PagePath);
        string page = ConfigurationReference.Render();
        if (Environment.GetEnvironmentVariable(ConfigurationReference.WriteVariable) == "1") File.WriteAllText(path, page);
        bool isCurrent = File.Exists(path) && File.ReadAllText(path).ReplaceLineEndings("\n") == page;
        Assert.True(isCurrent, $"{ConfigurationReference.PagePath} is not what the settings are. Run this: {ConfigurationReference.WriteCommand}");
    }

    [Theory, MemberData(nameof(SettingPrecedenceTests.Keys), MemberType = typeof(SettingPrecedenceTests))]
    public void Every_setting_has_its_line(string key)
    {
        SettingSample sample = SettingSamples.Find(key);
        string page = ConfigurationReference.Render();
        string section = page[page.IndexOf($"\n## `[{sample.Section}]`\n", StringComparison.Ordinal)..];
        string line = section.Split('\n').First(row => row.StartsWith($"| `{sample.Name}` |", StringComparison.Ordinal));
        if (sample.Variable is not null) Assert.Contains($"`{sample.Variable}`", line, StringComparison.Ordinal);
        if (sample.Flag is not null) Assert.Contains($"`{sample.Flag}`", line, StringComparison.Ordinal);
        Assert.EndsWith(key.StartsWith("runtime_seed.", StringComparison.Ordinal) ? "e |" : "| restart |", line, StringComparison.Ordinal);
    }
}
