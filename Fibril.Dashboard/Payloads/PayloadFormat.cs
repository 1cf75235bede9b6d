namespace Fibril.Dashboard.Payloads;

/// <summary>How a payload can be shown.</summary>
public enum PayloadFormat
{
    Json,
    MessagePack,
    Text,
    Hex,
}

/// <summary>A payload that people can read.</summary>
/// <param name="Text">What to show; null when the bytes are not of this format.</param>
/// <param name="Note">What has to be said about it; null for nothing.</param>
public sealed record ReadablePayload(string? Text, string? Note = null);
