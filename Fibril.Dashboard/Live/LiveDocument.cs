namespace Fibril.Dashboard.Live;

/// <summary>A live part that shows one document of the broker: a family of the live events, which is what the route of that name answers.</summary>
/// <typeparam name="TDocument">The document.</typeparam>
public abstract class LiveDocument<TDocument> : LiveComponent where TDocument : class
{
    /// <summary>The name of the family, and of the route below <c>admin/api/</c>.</summary>
    protected abstract string Family { get; }

    /// <summary>The newest that was told; null before the first.</summary>
    protected TDocument? Document { get; private set; }

    protected sealed override IReadOnlyList<string> Families => [Family];

    protected sealed override async Task LoadAsync() => await TakeAsync(await Api.GetAsync<TDocument>($"admin/api/{Family}", Gone));

    protected override Task OnFrameAsync(LiveFrame frame) => frame.Get<TDocument>(Family) is { } document ? TakeAsync(document) : Task.CompletedTask;

    /// <summary>Keeps a document, and reads what is shown beside it.</summary>
    protected virtual Task TakeAsync(TDocument document)
    {
        Document = document;
        return Task.CompletedTask;
    }
}
