namespace Fibril.Broker.Admin.Http;

/// <summary>A kind of refusal: stable for scripts, with what people need to know about it.</summary>
/// <param name="Name">What a script compares.</param>
/// <param name="Status">HTTP status it comes with.</param>
/// <param name="Cause">What leads to it.</param>
/// <param name="Remedy">What to do about it.</param>
internal sealed record ApiErrorCode(string Name, int Status, string Cause, string Remedy)
{
    public override string ToString() => Name;
}
