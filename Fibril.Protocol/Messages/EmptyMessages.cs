namespace Fibril.Protocol;

/// <summary>AUTH_OK: the credentials are good. Empty body.</summary>
public readonly record struct AuthOkMessage : IWireMessage<AuthOkMessage>
{
    /// <inheritdoc/>
    public static OpCode OpCode => OpCode.AuthOk;

    /// <inheritdoc/>
    public static uint Magic => 0;

    /// <inheritdoc/>
    public int MeasureFields() => 0;

    /// <inheritdoc/>
    public void WriteFields(ref WireWriter writer) { }

    /// <inheritdoc/>
    public static AuthOkMessage ReadFields(scoped ref WireReader reader) => default;
}

/// <summary>PING: asks for a PONG. Empty body; a receiver ignores one that is not.</summary>
public readonly record struct PingMessage : IWireMessage<PingMessage>
{
    /// <inheritdoc/>
    public static OpCode OpCode => OpCode.Ping;

    /// <inheritdoc/>
    public static uint Magic => 0;

    /// <inheritdoc/>
    public int MeasureFields() => 0;

    /// <inheritdoc/>
    public void WriteFields(ref WireWriter writer) { }

    /// <inheritdoc/>
    public static PingMessage ReadFields(scoped ref WireReader reader) => default;
}

/// <summary>PONG: answers a PING under its request id. Empty body; a receiver ignores one that is not.</summary>
public readonly record struct PongMessage : IWireMessage<PongMessage>
{
    /// <inheritdoc/>
    public static OpCode OpCode => OpCode.Pong;

    /// <inheritdoc/>
    public static uint Magic => 0;

    /// <inheritdoc/>
    public int MeasureFields() => 0;

    /// <inheritdoc/>
    public void WriteFields(ref WireWriter writer) { }

    /// <inheritdoc/>
    public static PongMessage ReadFields(scoped ref WireReader reader) => default;
}
