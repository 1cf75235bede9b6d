using System.Reflection;
using Fibril.Client;

namespace Fibril.Tests.Unit.Client;

/// <summary>What users can say to the client, and what not.</summary>
public sealed class PublicSurfaceTests
{
    [Fact]
    public void Users_give_partitions_keys_and_counts_and_never_a_number()
    {
        Type[] types = [.. typeof(FibrilClient).Assembly.GetExportedTypes()];
        IEnumerable<string?> parameters = types
            .SelectMany(static type => type.GetMethods().Cast<MethodBase>().Concat(type.GetConstructors()))
            .SelectMany(static method => method.GetParameters())
            .Select(static parameter => parameter.Name);
        IEnumerable<string> properties = types
            .SelectMany(static type => type.GetProperties())
            .Where(static property => property.SetMethod?.IsPublic == true)
            .Select(static property => property.Name);
        string[] about =
        [
            .. parameters.OfType<string>().Concat(properties).Where(static name => name.Contains("partition", StringComparison.OrdinalIgnoreCase)).Distinct(),
        ];
        Assert.Equal(["PartitionCount", "PartitionKey", "PartitionKeyBytes"], about.Order(StringComparer.Ordinal));
    }
}
