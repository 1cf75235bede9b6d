#:project ../Fibril.Client/Fibril.Client.csproj
#:property PublishAot=false
using Fibril.Client;

await using var client = await FibrilClient.ConnectAsync("localhost:9876");
await client.DeclareQueueAsync("orders");

Publisher publisher = client.CreatePublisher("orders");
for (int number = 1; number <= 3; number++)
{
    long offset = await publisher.PublishJsonAsync(new Order(number, "tea"));
    Console.WriteLine($"Order {number} is on the disk, at offset {offset}.");
}

await using Subscription orders = await client.SubscribeAsync("orders");
await foreach (ReceivedMessage message in orders)
{
    Order order = message.DeserializeJson<Order>();
    Console.WriteLine($"Received {order}.");
    await message.CompleteAsync(); // or RetryAsync, RetryAfterAsync, FailAsync
    if (order.Number == 3) break;
}

internal sealed record Order(int Number, string Item);
