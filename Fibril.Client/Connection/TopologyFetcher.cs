using Fibril.Client.Routing;
using Fibril.Protocol;

namespace Fibril.Client.Connection;

/// <summary>Asks brokers for the topology: all of it after connecting, and single channels when something about them did not fit. Thread-safe.</summary>
/// <remarks>Best effort: a failure is logged, and routing goes on by what is known.</remarks>
internal sealed class TopologyFetcher(ClientContext context)
{
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Cooldown = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<ChannelKey, Question> _questions = [];

    /// <summary>Fetches everything; at most for 5 s. Without it messages go to partition 0 of the broker at hand (HSH-3).</summary>
    public async Task WarmUpAsync(FibrilConnection connection, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(AnswerTimeout, context.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            TopologyOkMessage reply = await connection.RequestAsync(
                new TopologyMessage(Topic: null, Group: null), new Request<TopologyOkMessage>("the topology"), either.Token)
                .ConfigureAwait(false);
            context.Topology.Apply(reply.Snapshot, out _);
        }
        catch (Exception failure) when (failure is FibrilServerException or FibrilTimeoutException
            || (failure is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            context.Logger.TopologyUnknown(connection.Endpoint, failure.Message);
        }
    }

    /// <summary>Fetches everything while nobody waits: changes of the time without a connection were pushed to nobody.</summary>
    public void CatchUp(FibrilConnection connection) => _ = CatchUpAsync(connection);

    /// <summary>Asks any broker that can be reached for one channel, at most once a second for each .</summary>
    public Task RefreshAsync(BrokerPool pool, QueueAddress channel, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            long now = context.Time.GetTimestamp();
            if (_questions.TryGetValue(channel.Key, out Question? last) && context.Time.GetElapsedTime(last.AskedAt, now) < Cooldown)
                return last.Answer.WaitAsync(cancellationToken);
            foreach ((ChannelKey key, Question old) in _questions)
            {
                if (old.Answer.IsCompleted && context.Time.GetElapsedTime(old.AskedAt, now) >= Cooldown) _questions.Remove(key);
            }

            var question = new Question(now, AskAsync(pool, channel));
            _questions[channel.Key] = question;
            return question.Answer.WaitAsync(cancellationToken);
        }
    }

    private async Task CatchUpAsync(FibrilConnection connection)
    {
        try
        {
            await WarmUpAsync(connection, CancellationToken.None).ConfigureAwait(false);
        }
        catch (FibrilException lost)
        {
            context.Logger.TopologyNotFetched(connection.Endpoint, lost.Message);
        }
    }

    private async Task AskAsync(BrokerPool pool, QueueAddress channel)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding); // out of the lock
        using var deadline = new CancellationTokenSource(AnswerTimeout, context.Time);
        try
        {
            FibrilConnection connection = pool.Home.Live ?? pool.Sessions.Select(static session => session.Live).FirstOrDefault(static live => live is not null)
                ?? await pool.ConnectHomeAsync(deadline.Token).ConfigureAwait(false);
            TopologyOkMessage reply = await connection.RequestAsync(
                new TopologyMessage(channel.Topic, channel.Group), new Request<TopologyOkMessage>($"the topology of {channel}"), deadline.Token)
                .ConfigureAwait(false);
            context.Topology.ApplyAnswer(channel, reply.Snapshot);
        }
        catch (Exception failure) when (failure is FibrilException or OperationCanceledException or ObjectDisposedException)
        {
            context.Logger.TopologyNotFetched(pool.Home.Endpoint, failure.Message);
        }
    }

    private sealed record Question(long AskedAt, Task Answer);
}
