namespace Fibril.Broker.Hosting.Configuration;

internal sealed class BooleanKind : ValueKind<bool>
{
    public override string Placeholder => "true|false";

    public override string Allowed(Notation notation) => "exactly true or false";

    public override Reading<bool> Read(string text) =>
        text switch
        {
            "true" => Good(true),
            "false" => Good(false),
            _ => Bad("is neither true nor false", Guess(text)),
        };

    public override Reading<bool> Read(FileNode node) =>
        node is FileBoolean boolean
            ? Good(boolean.Value)
            : WrongType(node, "true or false", node is FileText text ? Guess(text.Value) : null);

    public override string Write(bool value, Notation notation) => value ? "true" : "false";

    private static string? Guess(string text) =>
        text.Trim().ToUpperInvariant() switch
        {
            "TRUE" or "YES" or "ON" or "1" => "true",
            "FALSE" or "NO" or "OFF" or "0" => "false",
            _ => null,
        };
}
