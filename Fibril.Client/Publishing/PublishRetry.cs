using Fibril.Client.Recovery;
using Fibril.Protocol;

namespace Fibril.Client.Publishing;

/// <summary>Which failures a publish is tried again after.</summary>
internal enum PublishRetry
{
    /// <summary>Those after which the message certainly was not stored, for a while .</summary>
    Plain,

    /// <summary>All that can pass, for as long as it takes: the broker knows the message again when it was stored .</summary>
    Stamped,
}

/// <summary>The attempts of one publish. A value that belongs to one call.</summary>
internal struct PublishAttempts(PublishRetry retry, long startedAt)
{
    private Backoff _backoff;
    private int _redirects;

    /// <summary>How long to wait before the next attempt; null when there is none, and <paramref name="failure"/> is the outcome.</summary>
    public TimeSpan? Next(FibrilClient client, ref FibrilException failure)
    {
        if (failure is FibrilRedirectException elsewhere && ++_redirects > client.Context.Options.MaxRedirects)
        {
            failure = new FibrilRedirectLimitException(_redirects - 1, elsewhere);
            if (retry == PublishRetry.Plain) return null;
            _redirects = 0;
        }
        else if (!CanHelp(failure))
        {
            return null;
        }

        TimeSpan delay = _redirects == 1 && failure is FibrilRedirectException ? TimeSpan.Zero : _backoff.Next(client.Context.Random);
        if (retry == PublishRetry.Stamped) return delay;
        return client.Time.GetElapsedTime(startedAt) + delay < client.Context.Options.RetryTimeout ? delay : null;
    }

    private readonly bool CanHelp(FibrilException failure) => retry == PublishRetry.Stamped
        ? failure.IsTransient
        : failure is FibrilRedirectException or FibrilConnectionException { IsOutcomeUnknown: false } or FibrilServerException { Code: ErrorCode.Conflict };
}
