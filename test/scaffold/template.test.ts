// the template is a provider like any other, and passes the contract where it stands
import '../../template/provider.test.ts';
