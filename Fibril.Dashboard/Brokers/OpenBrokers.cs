using System.Collections.Concurrent;

namespace Fibril.Dashboard.Brokers;

/// <summary>Knows which brokers ask nobody for a password, because it asks them now and then as somebody who shows nothing. Thread-safe.</summary>
public sealed class OpenBrokers(BrokerDirectory directory, TimeProvider time)
{
    private static readonly TimeSpan Believed = TimeSpan.FromSeconds(30);

    // Every page waits for this question: a broker that is away is asked seldom enough that its pages come, and often enough that one that is back is judged anew.
    private static readonly TimeSpan BelievedAway = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(3);

    private readonly ConcurrentDictionary<string, (bool IsOpen, long At, TimeSpan For)> _known = new();

    /// <summary>One of them, or null when there is none.</summary>
    public async Task<BrokerEntry?> FindAsync(CancellationToken cancellationToken)
    {
        bool[] areOpen = await Task.WhenAll(directory.All.Select(broker => IsOpenAsync(broker, cancellationToken)));
        return directory.All.Zip(areOpen).FirstOrDefault(static asked => asked.Second).First;
    }

    /// <summary>Whether somebody who shows nothing is let in. A broker that cannot be asked shows nothing to anybody, and is taken for what it was.</summary>
    private async Task<bool> IsOpenAsync(BrokerEntry broker, CancellationToken cancellationToken)
    {
        bool wasAsked = _known.TryGetValue(broker.Name, out (bool IsOpen, long At, TimeSpan For) known);
        if (wasAsked && time.GetElapsedTime(known.At) < known.For) return known.IsOpen;
        (bool isOpen, TimeSpan believed) = await AskAsync(broker, cancellationToken) is { } answer ? (answer, Believed) : (known.IsOpen, BelievedAway);
        _known[broker.Name] = (isOpen, time.GetTimestamp(), believed);
        return isOpen;
    }

    private async Task<bool?> AskAsync(BrokerEntry broker, CancellationToken cancellationToken)
    {
        using var wait = new CancellationTokenSource(Wait, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, wait.Token);
        try
        {
            using HttpResponseMessage response = await broker.Http.GetAsync("admin/api/session", either.Token);
            return response.IsSuccessStatusCode;
        }
        catch (Exception failure) when (failure is HttpRequestException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }
}
