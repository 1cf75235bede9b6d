using System.Reflection;
using Fibril.Client;
using Fibril.Client.Hosting;
using Microsoft.Extensions.Logging;

namespace Fibril.Tests.Unit.Client;

public sealed class LogMessageTests
{
    [Theory]
    [InlineData(typeof(FibrilClient), 3000)]
    [InlineData(typeof(IFibrilConsumer), 3100)]
    public void Event_ids_are_unique_and_in_the_range_of_their_library(Type member, int first)
    {
        int[] ids = [.. member.Assembly.GetTypes()
            .SelectMany(type => type.GetMethods(BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic))
            .Select(method => method.GetCustomAttribute<LoggerMessageAttribute>()?.EventId)
            .OfType<int>()];
        Assert.NotEmpty(ids);
        Assert.Equal(ids.Length, ids.Distinct().Count());
        Assert.All(ids, id => Assert.InRange(id, first, first + 99));
    }
}
