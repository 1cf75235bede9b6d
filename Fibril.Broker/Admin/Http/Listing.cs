using System.Globalization;

namespace Fibril.Broker.Admin.Http;

/// <summary>A list that is searched, sorted and cut into pages here, so that callers never need all of it.</summary>
/// <typeparam name="TItem">What is listed.</typeparam>
/// <param name="matches">Whether an item has a text somewhere in its name.</param>
/// <param name="orders">What can be sorted by, with the order that says which of two comes first. The first is the default, and never a tie.</param>
internal sealed class Listing<TItem>(Func<TItem, string, bool> matches, params IReadOnlyList<(string Name, Comparison<TItem> Order)> orders)
{
    public const int MostPerPage = 100_000;

    private const string TotalHeader = "X-Total-Count";

    private static readonly QueryParameter<long?> Limit = Query.OptionalNumber("limit", "Most rows of the answer; all of them when it is left out.", 1, MostPerPage);
    private static readonly QueryParameter<long> Offset = Query.Number("offset", "Rows to pass over first.", 0, int.MaxValue, 0);
    private static readonly QueryParameter<string?> Search = Query.Text("q", "Lists only rows whose name contains this text.");

    private readonly QueryParameter<string?> _sort = Query.OneOf(
        "sort", "What to sort by; with - before it the largest comes first.", [.. orders.Select(static order => order.Name), .. orders.Select(static order => "-" + order.Name)]);

    /// <summary>Items that come last in one of the orders, in both directions: what that sorts by is missing in them.</summary>
    public (string Order, Predicate<TItem> In)? Missing { get; init; }

    public IReadOnlyList<QueryParameter> Parameters => [Limit, Offset, Search, _sort];

    /// <summary>The rows that a request asks for. The header <c>X-Total-Count</c> says how many match, <c>Link</c> where the next page is.</summary>
    public IReadOnlyList<TItem> Page(ApiRequest request, IEnumerable<TItem> all) => Page(request, all, out _);

    /// <inheritdoc cref="Page(ApiRequest, IEnumerable{TItem})"/>
    public IReadOnlyList<TItem> Page(ApiRequest request, IEnumerable<TItem> all, out int total)
    {
        int offset = (int)request.Get(Offset);
        int? limit = (int?)request.Get(Limit);
        IEnumerable<TItem> matching = request.Get(Search) is { Length: > 0 } search ? all.Where(item => matches(item, search)) : all;
        TItem[] first = First(matching, limit is { } most ? (long)offset + most : long.MaxValue, Comparer<TItem>.Create(OrderOf(request)), out total);
        int end = first.Length;
        TItem[] rows = [.. first.Skip(offset)];
        if (request.Context.Response.HasStarted) return rows; // live events: nobody is told by headers any more
        request.Context.Response.Headers[TotalHeader] = total.ToString(CultureInfo.InvariantCulture);
        if (end < total) request.Context.Response.Headers.Link = $"<{NextOf(request.Context.Request, end)}>; rel=\"next\"";
        return rows;
    }

    /// <summary>The first items in order. Those behind them are compared with the last of them and forgotten: a page of very many costs no sort of all.</summary>
    private static TItem[] First(IEnumerable<TItem> items, long count, Comparer<TItem> order, out int total)
    {
        if (count > MostPerPage)
        {
            TItem[] all = [.. items.Order(order)];
            total = all.Length;
            return count < total ? all[..(int)count] : all;
        }

        var lastOnTop = new PriorityQueue<TItem, TItem>(Comparer<TItem>.Create((one, other) => order.Compare(other, one)));
        total = 0;
        foreach (TItem item in items)
        {
            total++;
            if (lastOnTop.Count < count) lastOnTop.Enqueue(item, item);
            else if (order.Compare(item, lastOnTop.Peek()) < 0) lastOnTop.EnqueueDequeue(item, item);
        }

        var first = new TItem[lastOnTop.Count];
        for (int i = first.Length - 1; i >= 0; i--) first[i] = lastOnTop.Dequeue();
        return first;
    }

    private Comparison<TItem> OrderOf(ApiRequest request)
    {
        Comparison<TItem> tie = orders[0].Order;
        if (request.Get(_sort) is not { } sort) return tie;
        bool isDescending = sort[0] == '-';
        (string name, Comparison<TItem> chosen) = orders.First(order => order.Name == (isDescending ? sort[1..] : sort));
        Predicate<TItem>? isMissing = Missing?.Order == name ? Missing?.In : null;
        return (one, other) =>
        {
            if (isMissing is not null && isMissing(one).CompareTo(isMissing(other)) is var last and not 0) return last;
            return (isDescending ? chosen(other, one) : chosen(one, other)) is var result and not 0 ? result : tie(one, other);
        };
    }

    private static string NextOf(HttpRequest request, int offset)
    {
        IEnumerable<KeyValuePair<string, string?>> others = request.Query.Where(static pair => pair.Key != "offset")
            .Select(static pair => KeyValuePair.Create(pair.Key, (string?)pair.Value.ToString()));
        return request.Path + QueryString.Create([.. others, KeyValuePair.Create("offset", (string?)offset.ToString(CultureInfo.InvariantCulture))]);
    }
}
