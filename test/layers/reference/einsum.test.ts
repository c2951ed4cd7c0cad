import { checkGroup } from './check';

checkGroup('einsum');
