using System.Net;
using Fibril.Broker.Primitives;

namespace Fibril.Broker.Sessions;

/// <summary>Log messages of this module: event ids 2200 to 2299. Passwords and payloads never appear.</summary>
internal static partial class LogMessages
{
    [LoggerMessage(2200, LogLevel.Debug, "{Peer} connected as {UserName} with {ClientName} {ClientVersion}")]
    public static partial void ClientReady(this ILogger logger, IPEndPoint? peer, string userName, string clientName, string clientVersion);

    [LoggerMessage(2201, LogLevel.Debug, "{Peer} is gone: {Reason}")]
    public static partial void ClientGone(this ILogger logger, IPEndPoint? peer, string reason);

    [LoggerMessage(2202, LogLevel.Warning, "{Peer} was refused: {Count} connections are open, or the broker is stopping")]
    public static partial void ConnectionRefused(this ILogger logger, IPEndPoint? peer, int count);

    [LoggerMessage(2203, LogLevel.Information, "{Peer} failed to log in as {UserName}: {Reason}")]
    public static partial void LoginRefused(this ILogger logger, IPEndPoint? peer, string userName, string reason);

    [LoggerMessage(2204, LogLevel.Warning, "{Peer} speaks TLS to this plaintext listener. Switch TLS off in that client, or use a TLS listener")]
    public static partial void TlsOnPlaintextListener(this ILogger logger, IPEndPoint? peer);

    [LoggerMessage(2205, LogLevel.Information, "{Peer} was answered with error {Code}: {Text}")]
    public static partial void RequestRefused(this ILogger logger, IPEndPoint? peer, int code, string text);

    [LoggerMessage(2206, LogLevel.Error, "{Peer} met a fault of the broker while it asked for {OpCode}; trace {TraceId}")]
    public static partial void RequestFaulted(this ILogger logger, IPEndPoint? peer, Protocol.OpCode opCode, string traceId, Exception fault);

    [LoggerMessage(2207, LogLevel.Warning, "{Peer} lost {Count} unconfirmed message(s), the last of them to {Partition}: {Reason}")]
    public static partial void UnconfirmedLost(this ILogger logger, IPEndPoint? peer, int count, PartitionId partition, string reason);

    [LoggerMessage(2208, LogLevel.Debug, "Session {ClientId} waited in vain for its client; {Count} subscription(s) end")]
    public static partial void GraceExpired(this ILogger logger, Guid clientId, int count);

    [LoggerMessage(2209, LogLevel.Information, "Session {ClientId} was reconciled with {Client}, policy {Policy}: {Verdicts}")]
    public static partial void Reconciled(this ILogger logger, Guid clientId, string client, Protocol.ReconcilePolicy policy, string verdicts);

    [LoggerMessage(2210, LogLevel.Warning, "Session {ClientId} did not get its subscription to {Partition} back: {Reason}")]
    public static partial void NotRestored(this ILogger logger, Guid clientId, PartitionId partition, string reason);

    [LoggerMessage(2211, LogLevel.Error, "A session met a fault of the broker")]
    public static partial void SessionFaulted(this ILogger logger, Exception fault);

    [LoggerMessage(2212, LogLevel.Warning, "The sessions of the last run cannot be read; clients get new ones")]
    public static partial void SavedSessionsUnreadable(this ILogger logger, Exception failure);

    [LoggerMessage(2213, LogLevel.Warning, "Sessions cannot be saved; clients get new ones after a restart. It is tried again")]
    public static partial void SessionsNotSaved(this ILogger logger, Exception failure);

    [LoggerMessage(2214, LogLevel.Warning, "{Peer} speaks plaintext to this TLS listener and was answered with error 426. Switch TLS on in that client")]
    public static partial void PlaintextOnTlsListener(this ILogger logger, IPEndPoint? peer);
}
