namespace Fibril.Client;

/// <summary>A request was sent from broker to broker more often than <see cref="FibrilClientOptions.MaxRedirects"/> allows. It had no effect.</summary>
public sealed class FibrilRedirectLimitException : FibrilException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="redirects">How many redirects were followed.</param>
    /// <param name="last">The redirect that was not.</param>
    public FibrilRedirectLimitException(int redirects, FibrilRedirectException last)
        : base($"Gave up after {redirects} redirects. {last?.Message} Brokers that disagree for long do not see the same cluster.", false, last) =>
        Redirects = redirects;

    /// <summary>How many redirects were followed.</summary>
    public int Redirects { get; }
}
