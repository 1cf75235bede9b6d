using System.Security.Cryptography;

namespace Fibril.Broker.Primitives;

/// <summary>A short id that a client is told with a fault of the broker, and that leads to the line of the log which says more.</summary>
internal static class FaultTrace
{
    private const int IdBytes = 4;

    public static string New() => Convert.ToHexString(RandomNumberGenerator.GetBytes(IdBytes));

    /// <summary>The sentence that clients get.</summary>
    public static string Sentence(string trace) => $"The fault is the broker's; its log says more under trace {trace}.";
}
