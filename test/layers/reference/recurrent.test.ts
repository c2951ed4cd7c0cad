import { checkGroup } from './check';

checkGroup('recurrent');
