using Fibril.Broker.Admin.Explaining;
using Fibril.Broker.Channels;
using Fibril.Broker.Queues;

namespace Fibril.Broker.Admin;

/// <summary>Asks a partition how it stands, and gives up on one that hangs: it must not hide the others.</summary>
internal static class PartitionQuestions
{
    /// <summary>How long an answer may take.</summary>
    public static readonly TimeSpan LongestAnswer = TimeSpan.FromSeconds(2);

    /// <summary>What is to be said of a partition that does not answer.</summary>
    public static readonly Finding Silence = new(
        "no_answer", FindingSeverity.Critical, "The partition does not answer, most likely because its disk hangs.", "Look at the disk of the data directory and at the broker's log.");

    /// <summary>How the partition stands, if it answers in time.</summary>
    /// <param name="partition">Which.</param>
    /// <param name="time">The clock of the broker.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="TimeoutException">It does not answer; the message is fit for people.</exception>
    /// <exception cref="PartitionNotServingException">It serves nobody now.</exception>
    public static Task<QueuePartitionStatus> DescribeInTimeAsync(this QueuePartition partition, TimeProvider time, CancellationToken cancellationToken) =>
        partition.AskInTimeAsync(static (asked, end) => asked.DescribeAsync(end), time, cancellationToken);

    /// <summary>As <see cref="DescribeInTimeAsync"/>, for any question.</summary>
    public static async Task<T> AskInTimeAsync<T>(
        this QueuePartition partition, Func<QueuePartition, CancellationToken, Task<T>> ask, TimeProvider time, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(LongestAnswer, time);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            // Not from here: who asks may have to do what the partition has to do.
            return await Task.Run(() => ask(partition, end.Token), end.Token).WaitAsync(end.Token);
        }
        catch (OperationCanceledException late) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException(Silence.Text, late);
        }
    }
}
