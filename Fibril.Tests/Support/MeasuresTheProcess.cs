namespace Fibril.Tests.Support;

/// <summary>Tests that measure the memory of the whole process: they run one after the other, when no other test does.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class MeasuresTheProcess
{
    public const string Name = "Measures the process";
}
