using Fibril.Broker.Hosting;
using Fibril.Broker.Hosting.Configuration;
using Xunit;

namespace Fibril.Tests.Support;

/// <summary>Stands in for a command line, an environment and a file system when the configuration is loaded.</summary>
internal sealed class ConfigurationSources
{
    public const string FilePath = "fibril.toml";

    private readonly List<string> _arguments = [];
    private readonly Dictionary<string, string> _environment = [];
    private readonly Dictionary<string, string> _files = [];

    public ConfigurationSources Toml(string text)
    {
        _files[FilePath] = text;
        return Arguments("--config", FilePath);
    }

    public ConfigurationSources File(string path, string text)
    {
        _files[path] = text;
        return this;
    }

    public ConfigurationSources Variable(string name, string value)
    {
        _environment[name] = value;
        return this;
    }

    public ConfigurationSources Arguments(params string[] arguments)
    {
        _arguments.AddRange(arguments);
        return this;
    }

    public ConfigurationOutcome Load() => ConfigurationLoader.Load(_arguments, _environment, ReadFile);

    public LoadedConfiguration LoadValid()
    {
        ConfigurationOutcome outcome = Load();
        return outcome as LoadedConfiguration
            ?? throw new InvalidOperationException(outcome is ConfigurationRefusal refusal ? refusal.Text : $"{outcome}");
    }

    public BrokerOptions LoadOptions() => LoadValid().Options;

    public ConfigurationRefusal LoadRefused() => Assert.IsType<ConfigurationRefusal>(Load());

    /// <summary>The one problem there is.</summary>
    public ConfigurationProblem LoadProblem() => Assert.Single(LoadRefused().Problems);

    public ConfigurationAnswer LoadAnswer() => Assert.IsType<ConfigurationAnswer>(Load());

    /// <summary>Everything that would be printed.</summary>
    public string LoadOutput()
    {
        ConfigurationOutcome outcome = Load();
        string text = outcome switch
        {
            ConfigurationRefusal refusal => refusal.Text,
            ConfigurationAnswer answer => answer.Text,
            _ => "",
        };
        return string.Join('\n', [.. outcome.Warnings, text]);
    }

    private string ReadFile(string path) =>
        _files.TryGetValue(path, out string? text) ? text : throw new FileNotFoundException($"Could not find file '{path}'.");
}
