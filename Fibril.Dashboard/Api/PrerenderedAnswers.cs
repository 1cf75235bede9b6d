using Microsoft.AspNetCore.Components;

namespace Fibril.Dashboard.Api;

/// <summary>Hands what the broker answered while a page was rendered on the server to the circuit that takes the page over, so that nothing flickers or is asked twice.</summary>
public sealed class PrerenderedAnswers
{
    private const int LargestBytes = 128 << 10;
    private const int MostBytes = 256 << 10;

    /// <summary>By path; what is handed over. Set by the framework.</summary>
    [PersistentState]
    public Dictionary<string, byte[]>? Answers { get; set; }

    /// <summary>True once the page lives in a circuit: answers are not kept any more.</summary>
    public bool IsInteractive { get; set; }

    /// <summary>An answer from before, for every part of the page that asks for it.</summary>
    public byte[]? Find(string path) => IsInteractive ? Answers?.GetValueOrDefault(path) : null;

    public void Keep(string path, byte[] answer)
    {
        if (IsInteractive || answer.Length > LargestBytes || (Answers?.Values.Sum(static kept => kept.Length) ?? 0) + answer.Length > MostBytes) return;
        (Answers ??= [])[path] = answer;
    }
}
