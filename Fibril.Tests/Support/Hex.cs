namespace Fibril.Tests.Support;

/// <summary>Lower-case hex with white space anywhere.</summary>
internal static class Hex
{
    internal static byte[] Bytes(string hex) => Convert.FromHexString(string.Concat(hex.Where(c => !char.IsWhiteSpace(c))));

    internal static string Text(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(bytes);
}
