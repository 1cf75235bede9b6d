using System.Text.RegularExpressions;
using Fibril.Tests.Support;

namespace Fibril.Tests.Protocol.Sessions;

/// <summary>What an ERROR 500 tells its reader (6.4): that the fault is the broker's, and a short trace that is in the broker's log.</summary>
internal static partial class ServerFaultText
{
    public static void AssertNamesTheBrokerAndATrace(string text, RecordingLogger log)
    {
        Assert.Matches("The fault is the broker's", text);
        Match trace = Trace().Match(text);
        Assert.True(trace.Success, $"No trace in: {text}");
        string id = trace.Groups["id"].Value;
        Assert.Contains(log.Lines, line => line.Text.Contains(id, StringComparison.Ordinal));
    }

    [GeneratedRegex("trace (?<id>[0-9A-F]{8})")]
    private static partial Regex Trace();
}
