using System.Collections;
using System.Text;
using Fibril.Broker.Hosting.Configuration;
using Fibril.Broker.Hosting.Setup;

namespace Fibril.Broker.Hosting;

internal static class Program
{
    public static async Task<int> Main(string[] args)
    {
        Dictionary<string, string> environment = ReadEnvironment();
        ConfigurationOutcome outcome = Load(args, environment, ReadText);
        if (outcome is LoadedConfiguration first)
        {
            // As if setup were complete and had written this layer.
            ConfigurationOutcome Preview(string overlay) => ConfigurationLoader.Load(args, environment, path => Path.GetFileName(path) switch
            {
                SetupOverlay.MarkerName => "",
                SetupOverlay.FileName => overlay,
                _ => ReadText(path),
            });

            switch (await BrokerHost.SetUpAsync(first, Preview))
            {
                case null: return 1;
                case FirstBootOutcome.Stop: return 0;
                case FirstBootOutcome.LoadAgain: outcome = Load(args, environment, ReadText); break;
            }
        }

        switch (outcome)
        {
            case LoadedConfiguration loaded:
                loaded.Options.Auth.ClusterSecret = new EnvironmentVariables(environment).Find(EnvironmentVariables.ClusterSecret);
                return await BrokerHost.RunAsync(loaded);
            case ConfigurationAnswer answer:
                Console.Out.Write(answer.Text);
                return 0;
            case ConfigurationRefusal refusal:
                Console.Error.Write(refusal.Text);
                return refusal.ExitCode;
            default:
                throw new InvalidOperationException($"unhandled outcome {outcome.GetType().Name}");
        }
    }

    private static ConfigurationOutcome Load(string[] args, Dictionary<string, string> environment, Func<string, string> readFile)
    {
        ConfigurationOutcome outcome = ConfigurationLoader.Load(args, environment, readFile);
        foreach (string warning in outcome.Warnings) Console.Error.WriteLine("warning: " + warning);
        return outcome;
    }

    private static Dictionary<string, string> ReadEnvironment() =>
        Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
            .ToDictionary(variable => (string)variable.Key, variable => (string?)variable.Value ?? "");

    // Strict: text that is not UTF-8 is reported, not turned into something else.
    private static string ReadText(string path) => File.ReadAllText(path, new UTF8Encoding(false, throwOnInvalidBytes: true));
}
