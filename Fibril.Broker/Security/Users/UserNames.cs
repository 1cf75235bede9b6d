using System.Text;

namespace Fibril.Broker.Security.Users;

/// <summary>What users may be called (AUT-3, A-6).</summary>
internal static class UserNames
{
    private const int MostBytes = 128;

    /// <summary>True for names of nodes, which no user can have.</summary>
    public static bool IsReserved(string name) => name.StartsWith('@');

    /// <summary>Says what is wrong with an already trimmed name, fit for people; null when it may be used.</summary>
    public static string? Explain(string name) => Fault(name) is { } fault ? $"The user name {fault}." : null;

    /// <summary>The same as a predicate, for a sentence that names the name.</summary>
    public static string? Fault(string name)
    {
        if (name.Length == 0) return "is blank";
        if (IsReserved(name)) return "starts with @, as only the names of nodes do";
        if (name.Any(static character => char.IsWhiteSpace(character) || char.IsControl(character))) return "has white space or a control character";
        int bytes = Encoding.UTF8.GetByteCount(name);
        return bytes > MostBytes ? $"has {bytes} bytes; {MostBytes} are the most" : null;
    }
}
