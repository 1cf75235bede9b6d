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

    /// <summary>User to sign in as; null skips signing in. Default <c>fibril</c>, which brokers accept from their own machine only.</summary>
    public string? UserName { get; set; } = "fibril";

    /// <summary>Password of <see cref="UserName"/>; default <c>fibril</c>. Never logged.</summary>
    public string? Password { get; set; } = "fibril";

    /// <summary>Free text that the broker shows in its logs and pages, at most 1,024 characters; default <c>Fibril .NET client</c>.</summary>
    public string ClientName { get; set; } = "Fibril .NET client";

    /// <summary>Longest time to connect and sign in; 1 ms to 24 h, default 10 s.</summary>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Longest time that any call waits for an answer of the broker, or for room to send; 1 ms to 24 h, default 30 s.</summary>
    public TimeSpan OperationTimeout { get; set; } = TimeSpan.FromSeconds(30);

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
        CheckTime(copy.HeartbeatInterval, nameof(HeartbeatInterval), TimeSpan.FromMilliseconds(10), TimeSpan.FromHours(1));
        Check(copy.MaxFrameBytes is >= 64 << 10 and <= 1 << 30, nameof(MaxFrameBytes), copy.MaxFrameBytes, "65536 to 1073741824");
        Check(copy.WriteBufferBytes is >= 4 << 10 and <= 1 << 30, nameof(WriteBufferBytes), copy.WriteBufferBytes, "4096 to 1073741824");
        Check(copy.MaxPendingRequests is >= 16 and <= 1 << 20, nameof(MaxPendingRequests), copy.MaxPendingRequests, "16 to 1048576");
        if (copy.UserName is not null && copy.Password is null)
        {
            throw new ArgumentException(
                $"{nameof(UserName)} is '{copy.UserName}' without a {nameof(Password)}; give both, or neither.", nameof(Password));
        }

        ArgumentNullException.ThrowIfNull(copy.ClientName, nameof(ClientName));
        int nameLength = copy.ClientName.Length;
        Check(nameLength <= MaxNameLength, nameof(ClientName), $"{nameLength} characters long", $"at most {MaxNameLength}");
        ArgumentNullException.ThrowIfNull(copy.TimeProvider, nameof(TimeProvider));
        ArgumentNullException.ThrowIfNull(copy.LoggerFactory, nameof(LoggerFactory));
        return copy;
    }

    private static void CheckTime(TimeSpan value, string name, TimeSpan least, TimeSpan most) =>
        Check(value >= least && value <= most, name, value, $"{least} to {most}");

    private static void Check<T>(bool isRight, string name, T value, string range)
    {
        if (!isRight) throw new ArgumentOutOfRangeException(name, value, $"{name} is {value}; use {range}.");
    }
}
