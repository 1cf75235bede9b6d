using System.Collections;
using System.Text;
using Fibril.Broker.Hosting.Configuration;

namespace Fibril.Broker.Hosting;

internal static class Program
{
    public static async Task<int> Main(string[] args)
    {
        ConfigurationOutcome outcome = ConfigurationLoader.Load(args, ReadEnvironment(), ReadText);
        foreach (string warning in outcome.Warnings) Console.Error.WriteLine("warning: " + warning);
        switch (outcome)
        {
            case LoadedConfiguration loaded:
                loaded.Options.Auth.ClusterSecret = new EnvironmentVariables(ReadEnvironment()).Find(EnvironmentVariables.ClusterSecret);
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

    private static Dictionary<string, string> ReadEnvironment() =>
        Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
            .ToDictionary(variable => (string)variable.Key, variable => (string?)variable.Value ?? "");

    // Strict: text that is not UTF-8 is reported, not turned into something else.
    private static string ReadText(string path) => File.ReadAllText(path, new UTF8Encoding(false, throwOnInvalidBytes: true));
}
