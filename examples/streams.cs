#:project ../Fibril.Client/Fibril.Client.csproj
#:property PublishAot=false
using Fibril.Client;

await using var client = await FibrilClient.ConnectAsync("localhost:9876");
await client.DeclareStreamAsync("audit");

Publisher publisher = client.CreatePublisher("audit");
for (int number = 1; number <= 3; number++) await publisher.PublishJsonAsync(new Entry(number, "signed in"));

// Every reader sees every record. The broker remembers by its name how far each has come.
foreach (string department in (string[])["billing", "security"])
{
    await using Subscription audit = await client.SubscribeStreamAsync("audit", new StreamSubscribeOptions { DurableName = department });
    await foreach (ReceivedMessage message in audit)
    {
        Entry entry = message.DeserializeJson<Entry>();
        Console.WriteLine($"{department} read {entry}.");
        await message.CompleteAsync(); // this one, and all before it
        if (entry.Number == 3) break;
    }
}

internal sealed record Entry(int Number, string What);
