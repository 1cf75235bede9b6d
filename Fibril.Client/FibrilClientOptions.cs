using System.Diagnostics.Metrics;
using Fibril.Client.Routing;
using Fibril.Protocol;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Fibril.Client;

/// <summary>How a <see cref="FibrilClient"/> connects. Read once, when connecting; later changes have no effect.</summary>
public sealed class FibrilClientOptions
{
    private const int MaxNameLength = 1024;

    /// <summary>Name or address of the broker, without a port; default <c>localhost</c>.</summary>
    public string Host { get; set; } = "localhost";

    /// <summary>TCP port of the broker listener, not of the admin pages; 1 to 65,535, default 9876.</summary>
    public int Port { get; set; } = ProtocolDefaults.BrokerPort;

    /// <summary>
    /// Further brokers of the same cluster, as <c>host:port</c>, for when the first cannot be reached; default none. Owners of partitions are found
    /// by themselves and need not be listed.
    /// </summary>
    public IReadOnlyList<string> FallbackEndpoints { get; set; } = [];

    /// <summary>User to sign in as; null skips signing in. Default <c>fibril</c>, which brokers accept from their own machine only.</summary>
    public string? UserName { get; set; } = "fibril";

    /// <summary>Password of <see cref="UserName"/>; default <c>fibril</c>. Never logged.</summary>
    public string? Password { get; set; } = "fibril";

    /// <summary>Speak TLS, and whom to trust; null, the default, speaks plaintext.</summary>
    public FibrilTlsOptions? Tls { get; set; }

    /// <summary>Free text that the broker shows in its logs and pages, at most 1,024 characters; default <c>Fibril .NET client</c>.</summary>
    public string ClientName { get; set; } = "Fibril .NET client";

    /// <summary>Longest time to connect and sign in; 1 ms to 24 h, default 10 s.</summary>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Longest time that any call waits for an answer of the broker, or for room to send; 1 ms to 24 h, default 30 s.</summary>
    public TimeSpan OperationTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// True: a publish, a declaration or a new subscription that finds the connection lost makes one attempt to connect again, and supervised
    /// subscriptions make as many as it takes. False: they fail with the reason of the loss until <see cref="FibrilClient.ReconnectAsync"/>.
    /// Default true.
    /// </summary>
    public bool AutoReconnect { get; set; } = true;

    /// <summary>
    /// Longest time that a confirmed publish is tried again after it certainly was not stored: no connection, a partition that moves, a conflict.
    /// Also how long a supervised subscription takes refusals for an answer that may change. 0 to 24 h, default 30 s; 0 fails at once.
    /// </summary>
    public TimeSpan RetryTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Redirects that one operation follows from broker to broker; 0 to 100, default 3.</summary>
    public int MaxRedirects { get; set; } = 3;

    /// <summary>
    /// How often a running subscription asks whether its channel has other partitions, in case the broker did not say so by itself; 1 s to 24 h or
    /// <see cref="Timeout.InfiniteTimeSpan"/> for never, default 5 s.
    /// </summary>
    public TimeSpan TopologyRefreshInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// What a broker is asked to do, after a reconnect, about subscriptions that it does not have any more; default
    /// <see cref="ReconcilePolicy.Conservative"/>: to say so, and leave it to this client.
    /// </summary>
    public ReconcilePolicy ReconcilePolicy { get; set; } = ReconcilePolicy.Conservative;

    /// <summary>
    /// How often a sign of life is asked for; 10 ms to 1 h, default 5 s. A connection that was silent for three intervals is given up.
    /// </summary>
    public TimeSpan HeartbeatInterval { get; set; } = ProtocolDefaults.HeartbeatInterval;

    /// <summary>Largest frame body that is sent or accepted, in bytes; 64 KiB to 1 GiB, default 64 MiB.</summary>
    public int MaxFrameBytes { get; set; } = 64 << 20;

    /// <summary>
    /// Bytes waiting to be sent above which publishers wait; 4 KiB to 1 GiB, default 1 MiB. One message larger than this is let through alone.
    /// </summary>
    public int WriteBufferBytes { get; set; } = 1 << 20;

    /// <summary>
    /// Most requests, confirmed publishes above all, that may wait for an answer on one connection; further ones wait for their turn.
    /// 16 to 1,048,576, rounded up to a power of two, default 16,384. Costs 8 bytes each.
    /// </summary>
    public int MaxPendingRequests { get; set; } = 1 << 14;

    /// <summary>Clock and timers; default the system's.</summary>
    public TimeProvider TimeProvider { get; set; } = TimeProvider.System;

    /// <summary>Where the client logs to; default nowhere.</summary>
    public ILoggerFactory LoggerFactory { get; set; } = NullLoggerFactory.Instance;

    /// <summary>Makes the meter <c>Fibril.Client</c> of this client; null, the default, for the one that all such clients of the process share.</summary>
    public IMeterFactory? MeterFactory { get; set; }

    /// <summary>
    /// True: <see cref="ReceivedMessage.BeginProcessing"/> continues the trace of whatever published the message. False: it begins its own, or stays
    /// in the current one, with a link to that. Default false.
    /// </summary>
    public bool ContinueTraces { get; set; }

    /// <summary>Checks what connecting would check first.</summary>
    /// <exception cref="ArgumentException">An option makes no sense; the message says which and what to write.</exception>
    public void Validate() => Validated().Endpoints();

    internal FibrilClientOptions Validated()
    {
        var copy = (FibrilClientOptions)MemberwiseClone();
        if (string.IsNullOrWhiteSpace(copy.Host))
        {
            throw new ArgumentException($"{nameof(Host)} is empty; name the broker's host, for instance localhost.", nameof(Host));
        }

        Check(copy.Port is >= 1 and <= ushort.MaxValue, nameof(Port), copy.Port, "1 to 65535");
        CheckTime(copy.ConnectTimeout, nameof(ConnectTimeout), TimeSpan.FromMilliseconds(1), TimeSpan.FromDays(1));
        CheckTime(copy.OperationTimeout, nameof(OperationTimeout), TimeSpan.FromMilliseconds(1), TimeSpan.FromDays(1));
        CheckTime(copy.RetryTimeout, nameof(RetryTimeout), TimeSpan.Zero, TimeSpan.FromDays(1));
        if (copy.TopologyRefreshInterval != Timeout.InfiniteTimeSpan)
            CheckTime(copy.TopologyRefreshInterval, nameof(TopologyRefreshInterval), TimeSpan.FromSeconds(1), TimeSpan.FromDays(1));
        Check(copy.MaxRedirects is >= 0 and <= 100, nameof(MaxRedirects), copy.MaxRedirects, "0 to 100");
        Check(Enum.IsDefined(copy.ReconcilePolicy), nameof(ReconcilePolicy), copy.ReconcilePolicy, "Conservative or Restore");
        ArgumentNullException.ThrowIfNull(copy.FallbackEndpoints, nameof(FallbackEndpoints));
        copy.FallbackEndpoints = [.. copy.FallbackEndpoints];
        CheckTime(copy.HeartbeatInterval, nameof(HeartbeatInterval), TimeSpan.FromMilliseconds(10), TimeSpan.FromHours(1));
        Check(copy.MaxFrameBytes is >= 64 << 10 and <= 1 << 30, nameof(MaxFrameBytes), copy.MaxFrameBytes, "65536 to 1073741824");
        Check(copy.WriteBufferBytes is >= 4 << 10 and <= 1 << 30, nameof(WriteBufferBytes), copy.WriteBufferBytes, "4096 to 1073741824");
        Check(copy.MaxPendingRequests is >= 16 and <= 1 << 20, nameof(MaxPendingRequests), copy.MaxPendingRequests, "16 to 1048576");
        if (copy.UserName is not null && copy.Password is null)
        {
            throw new ArgumentException(
                $"{nameof(UserName)} is '{copy.UserName}' without a {nameof(Password)}; give both, or neither.", nameof(Password));
        }

        copy.Tls = copy.Tls?.Validated();
        ArgumentNullException.ThrowIfNull(copy.ClientName, nameof(ClientName));
        int nameLength = copy.ClientName.Length;
        Check(nameLength <= MaxNameLength, nameof(ClientName), $"{nameLength} characters long", $"at most {MaxNameLength}");
        ArgumentNullException.ThrowIfNull(copy.TimeProvider, nameof(TimeProvider));
        ArgumentNullException.ThrowIfNull(copy.LoggerFactory, nameof(LoggerFactory));
        return copy;
    }

    /// <summary>Every broker that is named, the preferred one first.</summary>
    internal IReadOnlyList<BrokerEndpoint> Endpoints() =>
        [new BrokerEndpoint(Host, Port), .. FallbackEndpoints.Select(BrokerEndpoint.Parse)];

    private static void CheckTime(TimeSpan value, string name, TimeSpan least, TimeSpan most) =>
        Check(value >= least && value <= most, name, value, $"{least} to {most}");

    private static void Check<T>(bool isRight, string name, T value, string range)
    {
        if (!isRight) throw new ArgumentOutOfRangeException(name, value, $"{name} is {value}; use {range}.");
    }
}
