#:project ../Fibril.Client.Hosting/Fibril.Client.Hosting.csproj
#:package Microsoft.Extensions.Hosting
#:property PublishAot=false
using Fibril.Client;
using Fibril.Client.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

HostApplicationBuilder builder = Host.CreateApplicationBuilder(args);
builder.Services.AddFibrilClient(connectAtStart: true); // --Fibril:Client:Host broker-a connects elsewhere
builder.Services.AddFibrilConsumer<OrderConsumer>("orders", options => options.Concurrency = 4);
builder.Services.AddHostedService<OrderDesk>();
await builder.Build().RunAsync();

internal sealed record Order(int Number, string Item);

internal sealed class OrderDesk(FibrilClient client) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        Publisher orders = client.CreatePublisher("orders");
        using var everySecond = new PeriodicTimer(TimeSpan.FromSeconds(1));
        for (int number = 1; await everySecond.WaitForNextTickAsync(stoppingToken); number++)
            await orders.PublishJsonAsync(new Order(number, "tea"), cancellationToken: stoppingToken);
    }
}

internal sealed class OrderConsumer : IFibrilConsumer
{
    public Task ConsumeAsync(ReceivedMessage message, CancellationToken cancellationToken)
    {
        Console.WriteLine($"Shipped {message.DeserializeJson<Order>()}.");
        return Task.CompletedTask;
    }
}
