using System.Text;

namespace Fibril.Broker.Queues.Cohorts;

/// <summary>The grammar of cohort ids: not empty, short, and printable (NAM-2).</summary>
internal static class CohortNames
{
    private const int MaxBytes = 128;

    /// <exception cref="ArgumentException">It is none; the message is fit for clients.</exception>
    public static void ThrowIfInvalid(string cohort)
    {
        string? broken = cohort.Length == 0 ? "it is empty; leave it out to compete for messages, or name one"
            : Encoding.UTF8.GetByteCount(cohort) > MaxBytes ? $"it has more than {MaxBytes} bytes"
            : cohort.Any(char.IsControl) ? "it has control characters"
            : null;
        if (broken is not null) throw new ArgumentException($"That cannot be the name of an exclusive consumer group: {broken}.");
    }
}
