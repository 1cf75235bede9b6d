using Fibril.Broker.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Fibril.Tests.Unit.Hosting;

/// <summary>What FIBRIL_LOG may say, and that nothing it says keeps a broker from starting.</summary>
public class LogFilterTests
{
    [Theory]
    [InlineData("debug", "Fibril.Queues", LogLevel.Debug)]
    [InlineData("warn,queues=trace", "Fibril.Queues", LogLevel.Trace)]
    [InlineData("warn,queues=trace", "Fibril.Sessions", LogLevel.Warning)]
    [InlineData("queues = debug , nonsense", "Fibril.Queues", LogLevel.Debug)]
    [InlineData("=debug", "Fibril.Queues", LogLevel.Information)]
    [InlineData("=", "Fibril.Queues", LogLevel.Information)]
    [InlineData("queues=", "Fibril.Queues", LogLevel.Information)]
    [InlineData(",", "Fibril.Queues", LogLevel.Information)]
    [InlineData(null, "Fibril.Queues", LogLevel.Information)]
    public void Parts_that_can_be_read_apply_and_the_others_are_passed_over(string? filter, string category, LogLevel lowest)
    {
        var services = new ServiceCollection();
        services.AddLogging(logging =>
        {
            LogFilter.Apply(logging, filter);
            logging.AddProvider(new NullProvider());
        });
        using ServiceProvider provider = services.BuildServiceProvider();
        ILogger logger = provider.GetRequiredService<ILoggerFactory>().CreateLogger(category);
        Assert.True(logger.IsEnabled(lowest));
        Assert.False(logger.IsEnabled(lowest - 1));
    }

    private sealed class NullProvider : ILoggerProvider
    {
        public ILogger CreateLogger(string categoryName) => new Fibril.Tests.Support.RecordingLogger();

        public void Dispose()
        {
        }
    }
}
