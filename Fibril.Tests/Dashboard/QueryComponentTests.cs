using System.Reflection;
using Fibril.Dashboard.Hosting;
using Fibril.Dashboard.Live;
using Microsoft.AspNetCore.Components;

namespace Fibril.Tests.Dashboard;

public sealed class QueryComponentTests
{
    [Fact] // otherwise a new address that brings or removes one of them would end the circuit
    public void Whoever_takes_parameters_from_the_address_renders_a_moment_after_it_has_changed()
    {
        Type[] takers =
        [
            .. typeof(DashboardServices).Assembly.GetTypes().Where(static type => typeof(IComponent).IsAssignableFrom(type)
                && type.GetProperties().Any(static property => property.GetCustomAttribute<SupplyParameterFromQueryAttribute>() is not null)),
        ];
        Assert.True(takers.Length > 10);
        Assert.DoesNotContain(takers, static type => !typeof(QueryComponent).IsAssignableFrom(type));
    }
}
