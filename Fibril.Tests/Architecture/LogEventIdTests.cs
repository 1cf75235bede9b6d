using System.Reflection;
using Fibril.Broker.Hosting;
using Microsoft.Extensions.Logging;

namespace Fibril.Tests.Architecture;

/// <summary>Log messages are known by their numbers to whoever searches for them.</summary>
public sealed class LogEventIdTests
{
    private const BindingFlags AllDeclared =
        BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    private static readonly (string Module, int EventId, string Name)[] Messages =
    [
        .. typeof(BrokerOptions).Assembly.GetTypes().SelectMany(static type => type
            .GetMethods(AllDeclared)
            .Select(method => (Method: method, Attribute: method.GetCustomAttribute<LoggerMessageAttribute>()))
            .Where(static pair => pair.Attribute is not null)
            .Select(pair => (type.Namespace!["Fibril.Broker.".Length..], pair.Attribute!.EventId, $"{type.FullName}.{pair.Method.Name}"))),
    ];

    [Fact]
    public void No_two_log_messages_share_an_event_id()
    {
        Assert.True(Messages.Length >= 17, $"only {Messages.Length} log messages were found");
        Assert.Empty(Messages.GroupBy(static message => message.EventId)
            .Where(static group => group.Count() > 1)
            .Select(static group => string.Join(", ", group)));
    }

    [Fact]
    public void Every_module_keeps_to_its_own_range()
    {
        var ranges = new Dictionary<string, int> { ["Hosting"] = 2000, ["Queues"] = 2100, ["Sessions"] = 2200, ["Streams"] = 2300, ["Security"] = 2400, ["RuntimeSettings"] = 2600, ["Statistics"] = 2700, ["Admin"] = 2800 };
        Assert.All(Messages, message =>
        {
            Assert.True(ranges.TryGetValue(message.Module, out int start), $"{message.Name}: module {message.Module} has no range yet");
            Assert.True(
                message.EventId >= start && message.EventId < start + 100,
                $"{message.Name} has event id {message.EventId}, outside {start} to {start + 99}");
        });
    }
}
