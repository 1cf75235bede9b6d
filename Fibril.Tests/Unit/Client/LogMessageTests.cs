using System.Reflection;
using Fibril.Client;
using Microsoft.Extensions.Logging;

namespace Fibril.Tests.Unit.Client;

public sealed class LogMessageTests
{
    [Fact]
    public void Event_ids_are_unique_and_in_the_range_of_the_client()
    {
        int[] ids = [.. typeof(FibrilClient).Assembly.GetTypes()
            .SelectMany(type => type.GetMethods(BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic))
            .Select(method => method.GetCustomAttribute<LoggerMessageAttribute>()?.EventId)
            .OfType<int>()];
        Assert.NotEmpty(ids);
        Assert.Equal(ids.Length, ids.Distinct().Count());
        Assert.All(ids, id => Assert.InRange(id, 3000, 3099));
    }
}
