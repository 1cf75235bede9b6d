namespace Fibril.Tests.PlantedFaults;

/// <summary>A mistake somebody might make in the broker, and the tests that must not let it pass.</summary>
/// <param name="Name">What is wrong, in a few words.</param>
/// <param name="File">The source file, from the root of the repository.</param>
/// <param name="Right">The code as it is; stands there once.</param>
/// <param name="Wrong">The code as it would be.</param>
/// <param name="Tests">Classes of which at least one test must fail.</param>
internal sealed record PlantedFault(string Name, string File, string Right, string Wrong, params string[] Tests)
{
    public override string ToString() => Name;
}
