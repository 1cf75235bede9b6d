using Fibril.Cli.Parsing;
using Fibril.Client;

namespace Fibril.Cli.Connecting;

/// <summary>Connects as the global options say.</summary>
internal static class Connector
{
    /// <param name="target">Where to, and as whom.</param>
    /// <param name="maxPendingRequests">Answers that may be outstanding at a time.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="CliException">It did not work out, for any reason.</exception>
    public static async Task<FibrilClient> ConnectAsync(
        BrokerTarget target, CancellationToken cancellationToken, int maxPendingRequests = 1 << 14)
    {
        TlsSettings? tls = target.Tls is { IsInsecure: true } insecure
            ? await InsecureTrust.PinAsync(insecure, target.Address.Host, target.Address.Port, target.Talk, cancellationToken)
            : target.Tls;
        var options = new FibrilClientOptions
        {
            Host = target.Address.Host,
            Port = target.Address.Port,
            Tls = tls?.ToClient(),
            UserName = target.Credentials.UserName,
            Password = target.Credentials.Password,
            ClientName = "fibrilctl",
            MaxPendingRequests = maxPendingRequests,
            AutoReconnect = false, // a command that loses its broker says so, and from where to go on
            RetryTimeout = TimeSpan.Zero,
        };
        if (target.Timeout is { } timeout) options.ConnectTimeout = options.OperationTimeout = timeout;
        try
        {
            return await FibrilClient.ConnectAsync(options, cancellationToken);
        }
        catch (FibrilException failure)
        {
            throw Explain(failure, target);
        }
    }

    private static CliException Explain(FibrilException failure, BrokerTarget target)
    {
        string what = $"failed to connect to broker {target.Address}";
        return failure is FibrilServerException or FibrilTlsException && FailureReport.Judge(failure) is var (code, remedy)
            ? new CliException(code, what, remedy, failure)
            : new CliException(
                ExitCode.NotReachable, what, "See whether the broker runs there, or name another one with --broker host:port.", failure);
    }
}
