namespace Fibril.Tests.Support;

/// <summary>Tests that listen to activities: a listener hears the whole process, so they run when no other test does.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class ListensToTheProcess
{
    public const string Name = "Listens to the process";
}
