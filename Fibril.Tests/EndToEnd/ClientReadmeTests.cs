using System.Runtime.CompilerServices;
using Fibril.Client;
using Fibril.Client.Hosting;
using Fibril.Protocol;
using Fibril.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Publisher = Fibril.Client.Publisher;

namespace Fibril.Tests.EndToEnd;

/// <summary>The examples of the READMEs of Fibril.Client and Fibril.Client.Hosting, as code that compiles. Every line of them stands here.</summary>
public sealed class ClientReadmeTests
{
    private static readonly MessageSerializer<string> OrderSerializer = MessageSerializer.Text;

    [Theory]
    [InlineData("Fibril.Client", 40)]
    [InlineData("Fibril.Client.Hosting", 10)]
    public async Task Every_line_of_the_examples_compiles(string project, int least)
    {
        string readme = await File.ReadAllTextAsync(Repository.PathOf(project, "README.md"), TestContext.Current.CancellationToken);
        string here = await File.ReadAllTextAsync(SourcePath(), TestContext.Current.CancellationToken);
        HashSet<string> lines = [.. LinesOf(here)];
        string[] examples = [.. readme.Split("```csharp").Skip(1).SelectMany(static block => LinesOf(block.Split("```")[0]))];
        Assert.True(examples.Length >= least, $"only {examples.Length} lines of examples were found");
        Assert.All(examples, line => Assert.Contains(line, lines));
    }

    private static IEnumerable<string> LinesOf(string text) => text.Split('\n').Select(static line => line.Trim()).Where(static line => line.Length > 0);

    private static string SourcePath([CallerFilePath] string path = "") => Repository.PathOf("Fibril.Tests", "EndToEnd", Path.GetFileName(path));

#pragma warning disable IDE0051, CA2016 // compiled, and compared with the README; never run

    private static FibrilClientOptions Secured(string password)
    {
        var secured = new FibrilClientOptions
        {
            Host = "broker.example",
            UserName = "billing",
            Password = password,
            Tls = new FibrilTlsOptions { CaFile = "ca.pem" }, // or Fingerprint, or neither: the authorities of the operating system
        };
        return secured;
    }

    private static async Task FirstAsync()
    {
        await using var client = await FibrilClient.ConnectAsync("localhost:9876");
        await client.DeclareQueueAsync("orders", new QueueDeclaration { PartitionCount = 4, MaxRetries = 5 });

        Publisher publisher = client.CreatePublisher("orders");
        long offset = await publisher.PublishAsync("confirmed"u8);                     // stored when it returns
        PublishConfirmation handle = await publisher.BeginPublishAsync("pipelined"u8); // on its way when it returns
        await publisher.SendAsync("unconfirmed"u8);                                    // nobody learns if it gets lost
        await handle;

        await using Subscription subscription = await client.SubscribeAsync("orders", new SubscribeOptions { Prefetch = 100 });
        await foreach (ReceivedMessage message in subscription)
        {
            try
            {
                Handle(message.Deserialize(OrderSerializer));
                await message.CompleteAsync();
            }
            catch (TemporaryTrouble)
            {
                await message.RetryAfterAsync(TimeSpan.FromSeconds(30));
            }
        }

        await foreach (ReceivedMessage received in subscription)
        {
            using MessageProcessing? processing = received.BeginProcessing(); // the current activity from here on; null when nobody listens
            await received.CompleteAsync();
        }

        Handle($"{offset}");
        await using Subscription slow = await client.SubscribeAsync("videos", new SubscribeOptions { AutoRenew = true, Prefetch = 4 });
    }

    private static async Task BreaksAsync(CancellationToken stopping)
    {
        var options = new FibrilClientOptions
        {
            Host = "broker-a",
            FallbackEndpoints = ["broker-b:9876", "broker-c:9876"], // of the same cluster; owners of partitions are found by themselves
            RetryTimeout = TimeSpan.FromSeconds(10),                // how long a confirmed publish is tried again
            AutoReconnect = true,                                   // false: only ReconnectAsync connects again
        };
        await using FibrilClient client = await FibrilClient.ConnectAsync(options);
        ResumeOutcome outcome = await client.ReconnectAsync();      // at any time; says what became of the session

        await foreach (FibrilClientEvent happened in client.WatchEventsAsync(stopping))
        {
            if (happened is BrokerGoingAway leaving) Console.WriteLine($"{leaving.Endpoint} stops in about {leaving.Grace}: {leaving.Message}");
        }

        Handle($"{outcome}");
        ReliablePublisher reliable = client.CreateReliablePublisher("orders");
        await reliable.PublishAsync("once"u8); // returns when it is stored, however often it had to be sent
    }

    private static async Task StreamsAsync(FibrilClient client)
    {
        await client.DeclareStreamAsync("audit", new StreamDeclaration { PartitionCount = 2, MaxAge = TimeSpan.FromDays(7) });
        await using Subscription audit = await client.SubscribeStreamAsync("audit", new StreamSubscribeOptions
        {
            DurableName = "billing",                       // the broker remembers the place; or Start = StreamPosition.Back(100), without a name
            Filter = [new FilterClause("region", "eu-*")],
        });
        await foreach (ReceivedMessage record in audit) await record.CompleteAsync(); // moves the place past it, and past all before it

        await using Subscription mine = await client.SubscribeAsync("orders", new SubscribeOptions { Exclusive = true }); // partitions are shared by the group
        await using PatternSubscription all = await client.SubscribePatternAsync("orders.*");                            // also queues that come later
        await foreach (CatalogueChange change in client.WatchCatalogueAsync()) Console.WriteLine(change);                // what is declared and deleted
        RoutingSnapshot routing = client.GetRouting();                                                                   // who owns what, for diagnostics
        Handle($"{routing.Generation}");
    }

    private static async Task RunAsync(string[] args)
    {
        HostApplicationBuilder builder = Host.CreateApplicationBuilder(args);
        builder.Services.AddFibrilClient(connectAtStart: true);
        builder.Services.AddHealthChecks().AddFibrilClient();
        builder.Services.AddFibrilConsumer<OrderConsumer>("orders", options => options.Concurrency = 4);
        await builder.Build().RunAsync();
    }

    private static void Handle(string order) => Console.WriteLine(order);

    private sealed class TemporaryTrouble : Exception;

#pragma warning disable CA1034, CA1515, CA1822 // as an application would write it

    public sealed record Order(int Number, string Item);

    public sealed class Warehouse
    {
        public Task ShipAsync(Order order, CancellationToken cancellationToken) => Task.FromException(new TemporaryTrouble());
    }

    public sealed class OrderConsumer(Warehouse warehouse) : IFibrilConsumer
    {
        public async Task ConsumeAsync(ReceivedMessage message, CancellationToken cancellationToken) =>
            await warehouse.ShipAsync(message.DeserializeJson<Order>(), cancellationToken);
    }
}
